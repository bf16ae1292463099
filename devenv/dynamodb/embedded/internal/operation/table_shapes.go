package operation

import (
	"slices"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// The shapes that requests of several operations on tables have, and answers too, under
// the names of the service model. Each has its constraints; at is its path.

type attributeDefinition struct {
	AttributeName *string `json:"AttributeName"`
	AttributeType *string `json:"AttributeType"`
}

type keySchemaElement struct {
	AttributeName *string `json:"AttributeName"`
	KeyType       *string `json:"KeyType"`
}

type projection struct {
	ProjectionType   *string  `json:"ProjectionType,omitzero"`
	NonKeyAttributes []string `json:"NonKeyAttributes,omitzero"`
}

type provisionedThroughput struct {
	ReadCapacityUnits  *int64 `json:"ReadCapacityUnits"`
	WriteCapacityUnits *int64 `json:"WriteCapacityUnits"`
}

type onDemandThroughput struct {
	MaxReadRequestUnits  *int64 `json:"MaxReadRequestUnits,omitzero"`
	MaxWriteRequestUnits *int64 `json:"MaxWriteRequestUnits,omitzero"`
}

type warmThroughput struct {
	ReadUnitsPerSecond  *int64 `json:"ReadUnitsPerSecond"`
	WriteUnitsPerSecond *int64 `json:"WriteUnitsPerSecond"`
}

type streamSpecification struct {
	StreamEnabled  *bool   `json:"StreamEnabled"`
	StreamViewType *string `json:"StreamViewType,omitzero"`
}

type sSESpecification struct { // the name of the shape is SSESpecification
	Enabled        *bool   `json:"Enabled"`
	SSEType        *string `json:"SSEType"`
	KMSMasterKeyID *string `json:"KMSMasterKeyId"`
}

// globalSecondaryIndex is an index of either kind in a request: local ones have no
// throughput, and what is given for them is ignored.
type globalSecondaryIndex struct {
	IndexName             *string                `json:"IndexName"`
	KeySchema             []keySchemaElement     `json:"KeySchema"`
	Projection            *projection            `json:"Projection"`
	ProvisionedThroughput *provisionedThroughput `json:"ProvisionedThroughput"`
	OnDemandThroughput    *onDemandThroughput    `json:"OnDemandThroughput"`
	WarmThroughput        *warmThroughput        `json:"WarmThroughput"`
}

// The enumerations of tables, in the model's order.
var (
	scalarTypes     = []string{"B", "N", "S"}
	keyTypes        = []string{"HASH", "RANGE"}
	billingModes    = []string{"PROVISIONED", "PAY_PER_REQUEST"}
	projectionTypes = []string{"ALL", "INCLUDE", "KEYS_ONLY"}
	streamViewTypes = []string{"NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"}
	sseTypes        = []string{"AES256", "KMS"}
	tableClasses    = []string{"STANDARD", "STANDARD_INFREQUENT_ACCESS"}
)

const (
	provisioned   = "PROVISIONED"
	payPerRequest = "PAY_PER_REQUEST"
)

func constrainDefinitions(c *constraints, definitions []attributeDefinition) {
	for i, d := range definitions {
		at := memberPath("attributeDefinitions", i)
		if c.required(at+".attributeName", d.AttributeName != nil) {
			c.length(at+".attributeName", d.AttributeName, 1, 255)
		}
		if c.required(at+".attributeType", d.AttributeType != nil) {
			c.enum(at+".attributeType", d.AttributeType, scalarTypes...)
		}
	}
}

// schema prints a key schema as Java does.
type schema []keySchemaElement

func (s schema) String() string {
	elements := make([]string, len(s))
	for i, e := range s {
		elements[i] = "KeySchemaElement(attributeName=" + orNull(e.AttributeName) + ", keyType=" + orNull(e.KeyType) + ")"
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

func orNull(s *string) string {
	if s == nil {
		return "null"
	}
	return *s
}

func constrainSchema(c *constraints, at string, elements []keySchemaElement) {
	if !c.required(at, elements != nil) {
		return
	}
	c.size(at, schema(elements), len(elements), 1, 2)
	for i, e := range elements {
		at := memberPath(at, i)
		if c.required(at+".attributeName", e.AttributeName != nil) {
			c.length(at+".attributeName", e.AttributeName, 1, 255)
		}
		if c.required(at+".keyType", e.KeyType != nil) {
			c.enum(at+".keyType", e.KeyType, keyTypes...)
		}
	}
}

func (p *projection) constrain(c *constraints, at string) {
	if !c.required(at, p != nil) {
		return
	}
	c.enum(at+".projectionType", p.ProjectionType, projectionTypes...)
	if p.NonKeyAttributes != nil {
		c.size(at+".nonKeyAttributes", text(javaList(p.NonKeyAttributes)), len(p.NonKeyAttributes), 1, 20)
	}
	for i := range p.NonKeyAttributes {
		c.length(memberPath(at+".nonKeyAttributes", i), &p.NonKeyAttributes[i], 1, 255)
	}
}

func (t *provisionedThroughput) constrain(c *constraints, at string) {
	if t == nil {
		return
	}
	if c.required(at+".writeCapacityUnits", t.WriteCapacityUnits != nil) {
		c.minimum(at+".writeCapacityUnits", t.WriteCapacityUnits, 1)
	}
	if c.required(at+".readCapacityUnits", t.ReadCapacityUnits != nil) {
		c.minimum(at+".readCapacityUnits", t.ReadCapacityUnits, 1)
	}
}

func (s *streamSpecification) constrain(c *constraints) {
	if s != nil {
		c.required("streamSpecification.streamEnabled", s.StreamEnabled != nil)
		c.enum("streamSpecification.streamViewType", s.StreamViewType, streamViewTypes...)
	}
}

func (s *sSESpecification) constrain(c *constraints) {
	if s != nil {
		c.enum("sSESpecification.sSEType", s.SSEType, sseTypes...)
	}
}

func constrainIndexName(c *constraints, at string, name *string) {
	if c.required(at, name != nil) {
		c.indexName(at, name)
	}
}

func (x *globalSecondaryIndex) constrain(c *constraints, at string) {
	constrainIndexName(c, at+".indexName", x.IndexName)
	constrainSchema(c, at+".keySchema", x.KeySchema)
	x.Projection.constrain(c, at+".projection")
	x.ProvisionedThroughput.constrain(c, at+".provisionedThroughput")
}

// What follows makes the definition's form of a shape that was checked.

func (t *provisionedThroughput) throughput() table.Throughput {
	if t == nil {
		return table.Throughput{}
	}
	return table.Throughput{ReadCapacityUnits: *t.ReadCapacityUnits, WriteCapacityUnits: *t.WriteCapacityUnits}
}

// limits returns the limits; one that is not given stays as it was, and -1 means none.
func (t *onDemandThroughput) limits(before *table.OnDemand) *table.OnDemand {
	if t == nil {
		return before
	}
	limits := table.OnDemand{MaxReadRequestUnits: -1, MaxWriteRequestUnits: -1}
	if before != nil {
		limits = *before
	}
	if t.MaxReadRequestUnits != nil {
		limits.MaxReadRequestUnits = *t.MaxReadRequestUnits
	}
	if t.MaxWriteRequestUnits != nil {
		limits.MaxWriteRequestUnits = *t.MaxWriteRequestUnits
	}
	return &limits
}

// warm returns the units per second; those that are not given stay as they were.
func (t *warmThroughput) warm(before table.Warm) *table.Warm {
	if t.ReadUnitsPerSecond != nil {
		before.ReadUnitsPerSecond = *t.ReadUnitsPerSecond
	}
	if t.WriteUnitsPerSecond != nil {
		before.WriteUnitsPerSecond = *t.WriteUnitsPerSecond
	}
	return &before
}

func schemaKey(elements []keySchemaElement) table.Key {
	k := table.Key{Partition: *elements[0].AttributeName}
	if len(elements) > 1 {
		k.Sort = *elements[1].AttributeName
	}
	return k
}

// index returns the index's definition. mode is the table's billing mode.
func (x *globalSecondaryIndex) index(global bool, mode string) table.Index {
	index := table.Index{
		Name: *x.IndexName, Global: global, Key: schemaKey(x.KeySchema),
		Projection: *x.Projection.ProjectionType, NonKey: slices.Clone(x.Projection.NonKeyAttributes),
		Throughput: x.ProvisionedThroughput.throughput(), OnDemand: x.OnDemandThroughput.limits(nil),
	}
	if x.WarmThroughput != nil {
		index.Warm = x.WarmThroughput.warm(defaultWarm(mode, index.Throughput))
	}
	return index
}
