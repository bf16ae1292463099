package operation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

type createTableInput struct {
	TableName                 *string                `json:"TableName"`
	AttributeDefinitions      []attributeDefinition  `json:"AttributeDefinitions"`
	KeySchema                 []keySchemaElement     `json:"KeySchema"`
	LocalSecondaryIndexes     []globalSecondaryIndex `json:"LocalSecondaryIndexes"`
	GlobalSecondaryIndexes    []globalSecondaryIndex `json:"GlobalSecondaryIndexes"`
	BillingMode               *string                `json:"BillingMode"`
	ProvisionedThroughput     *provisionedThroughput `json:"ProvisionedThroughput"`
	OnDemandThroughput        *onDemandThroughput    `json:"OnDemandThroughput"`
	WarmThroughput            *warmThroughput        `json:"WarmThroughput"`
	StreamSpecification       *streamSpecification   `json:"StreamSpecification"`
	SSESpecification          *sSESpecification      `json:"SSESpecification"`
	TableClass                *string                `json:"TableClass"`
	DeletionProtectionEnabled *bool                  `json:"DeletionProtectionEnabled"`
	Tags                      []tag                  `json:"Tags"`
	ResourcePolicy            *string                `json:"ResourcePolicy"`
	VectorIndexes             jsontext.Value         `json:"VectorIndexes"`
}

type tableDescriptionOutput struct {
	TableDescription *tableDescription `json:"TableDescription"`
}

// createTable makes a table at once.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
func (s *Service) createTable(call *Call, in *createTableInput) (*tableDescriptionOutput, error) {
	name, err := in.constrain()
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	d, err := in.definition(name, call.Region, s.now())
	if err != nil {
		return nil, err
	}
	var out *tableDescription
	err = s.db.Update(func(tx *storage.Tx) error {
		if tx.Table(name) != nil {
			return exception.New(exception.ResourceInUseName, "Table already exists: %s", name)
		}
		if err := in.StreamSpecification.open(tx, d, s.now()); err != nil {
			return err
		}
		out = describe(tx, d, s.now())
		out.creating(d)
		return tx.CreateTable(d)
	})
	return &tableDescriptionOutput{out}, err
}

func (in *createTableInput) constrain() (string, error) {
	name, err := tableNameOf(in.TableName)
	if err != nil {
		return "", err
	}
	var c constraints
	c.required("attributeDefinitions", in.AttributeDefinitions != nil)
	constrainDefinitions(&c, in.AttributeDefinitions)
	c.plainName(name)
	c.enum("billingMode", in.BillingMode, billingModes...)
	in.ProvisionedThroughput.constrain(&c, "provisionedThroughput")
	constrainSchema(&c, "keySchema", in.KeySchema)
	for i := range in.LocalSecondaryIndexes {
		in.LocalSecondaryIndexes[i].constrain(&c, memberPath("localSecondaryIndexes", i))
	}
	for i := range in.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes[i].constrain(&c, memberPath("globalSecondaryIndexes", i))
	}
	in.StreamSpecification.constrain(&c)
	in.SSESpecification.constrain(&c)
	c.enum("tableClass", in.TableClass, tableClasses...)
	constrainTags(&c, in.Tags)
	return name, c.err()
}

// mode returns the billing mode, which is PROVISIONED unless the request says otherwise.
func (in *createTableInput) mode() string {
	if in.BillingMode == nil {
		return provisioned
	}
	return *in.BillingMode
}

// check does what the model's constraints leave over, in DynamoDB's order.
func (in *createTableInput) check() error {
	for _, check := range []func() error{
		in.checkThroughput, in.checkKey, in.checkLocalIndexes, in.checkGlobalIndexes, in.checkUse, in.StreamSpecification.check,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	if in.ResourcePolicy != nil {
		if err := checkPolicy(*in.ResourcePolicy); err != nil {
			return err
		}
	}
	if given(in.VectorIndexes) {
		return errNotEmbedded("Vector indexes")
	}
	return checkTags(in.Tags)
}

// given reports whether a member that is not decoded is there.
func given(member jsontext.Value) bool { return member != nil && member.Kind() != 'n' }

func (in *createTableInput) checkThroughput() error {
	switch {
	case in.mode() == payPerRequest && in.ProvisionedThroughput != nil:
		return exception.InvalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case in.mode() == provisioned && in.ProvisionedThroughput == nil:
		return exception.InvalidParameter("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return in.ProvisionedThroughput.checkBounds()
}

func (in *createTableInput) checkKey() error {
	if len(in.KeySchema) > len(in.AttributeDefinitions) {
		return exception.Validation("Invalid KeySchema: Some index key attribute have no definition")
	}
	if err := checkSchema(in.KeySchema, definitionNames(in.AttributeDefinitions)); err != nil {
		return err
	}
	if in.LocalSecondaryIndexes == nil && in.GlobalSecondaryIndexes == nil && len(in.KeySchema) != len(in.AttributeDefinitions) {
		return exception.InvalidParameter("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return nil
}

func (in *createTableInput) checkLocalIndexes() error {
	if in.LocalSecondaryIndexes == nil {
		return nil
	}
	switch {
	case len(in.LocalSecondaryIndexes) == 0:
		return exception.InvalidParameter("List of LocalSecondaryIndexes is empty")
	case len(in.KeySchema) != 2:
		return exception.InvalidParameter("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	}
	defined := definitionNames(in.AttributeDefinitions)
	names := map[string]bool{}
	for i := range in.LocalSecondaryIndexes {
		x := &in.LocalSecondaryIndexes[i]
		if err := x.checkLocal(defined, *in.KeySchema[0].AttributeName); err != nil {
			return err
		}
		if err := checkOnce(x, names); err != nil {
			return err
		}
	}
	if len(in.LocalSecondaryIndexes) > maxLocalIndexes {
		return exception.InvalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocalIndexes)
	}
	return nil
}

func (in *createTableInput) checkGlobalIndexes() error {
	if in.GlobalSecondaryIndexes == nil {
		return nil
	}
	if len(in.GlobalSecondaryIndexes) == 0 {
		return exception.InvalidParameter("List of GlobalSecondaryIndexes is empty")
	}
	defined := definitionNames(in.AttributeDefinitions)
	names := map[string]bool{}
	for i := range in.LocalSecondaryIndexes {
		names[*in.LocalSecondaryIndexes[i].IndexName] = true
	}
	for i := range in.GlobalSecondaryIndexes {
		x := &in.GlobalSecondaryIndexes[i]
		if err := x.checkGlobal(defined, in.mode()); err != nil {
			return err
		}
		if err := checkOnce(x, names); err != nil {
			return err
		}
	}
	if len(in.GlobalSecondaryIndexes) > maxGlobalIndexes {
		return exception.InvalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobalIndexes)
	}
	return nil
}

// checkOnce refuses an index that is named like one of the others, and adds its name to
// theirs.
func checkOnce(x *globalSecondaryIndex, others map[string]bool) error {
	if others[*x.IndexName] {
		return exception.InvalidParameter("Duplicate index name: %s", *x.IndexName)
	}
	others[*x.IndexName] = true
	return nil
}

// checkUse refuses definitions that no key needs, and too many projected attributes.
func (in *createTableInput) checkUse() error {
	used := schemaNames(in.KeySchema)
	projected := 0
	for _, x := range slices.Concat(in.LocalSecondaryIndexes, in.GlobalSecondaryIndexes) {
		for _, name := range schemaNames(x.KeySchema) {
			if !slices.Contains(used, name) {
				used = append(used, name)
			}
		}
		projected += len(x.Projection.NonKeyAttributes)
	}
	defined := definitionNames(in.AttributeDefinitions)
	for _, name := range defined {
		if !slices.Contains(used, name) {
			return exception.InvalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: %s, keys used: %s",
				javaList(defined), javaList(used))
		}
	}
	return checkProjected(projected)
}

func checkProjected(projected int) error {
	if projected > maxProjected {
		return exception.InvalidParameter("Number of NonKeyAttributes of all indexes exceeds the per-table limit of %d", maxProjected)
	}
	return nil
}

// definition makes the definition of a request that was checked, but for its stream.
func (in *createTableInput) definition(name, region string, now time.Time) (*table.Definition, error) {
	id, err := uuid.NewV4()
	if err != nil {
		return nil, fmt.Errorf("draw a table's ID: %w", err)
	}
	d := &table.Definition{
		Name: name, ID: id.String(), Region: region, Created: now,
		Attributes: attributesOf(in.AttributeDefinitions), Key: schemaKey(in.KeySchema),
		BillingMode: in.mode(), Throughput: in.ProvisionedThroughput.throughput(), OnDemand: in.OnDemandThroughput.limits(nil),
		Tags: mergeTags(nil, in.Tags),
	}
	for i := range in.LocalSecondaryIndexes {
		d.Local = append(d.Local, in.LocalSecondaryIndexes[i].index(false, d.BillingMode))
	}
	for i := range in.GlobalSecondaryIndexes {
		d.Global = append(d.Global, in.GlobalSecondaryIndexes[i].index(true, d.BillingMode))
	}
	if d.BillingMode == payPerRequest {
		d.BillingModeChanged = now
	}
	if in.WarmThroughput != nil {
		d.Warm = in.WarmThroughput.warm(defaultWarm(d.BillingMode, d.Throughput))
	}
	if in.TableClass != nil {
		d.Class = *in.TableClass
	}
	if in.DeletionProtectionEnabled != nil {
		d.DeletionProtection = *in.DeletionProtectionEnabled
	}
	if in.ResourcePolicy != nil {
		d.ResourcePolicy = *in.ResourcePolicy
	}
	d.Encryption = in.SSESpecification.encryption(d)
	return d, nil
}

func attributesOf(definitions []attributeDefinition) []table.Attribute {
	attributes := make([]table.Attribute, 0, len(definitions))
	for _, d := range definitions {
		attributes = append(attributes, table.Attribute{Name: *d.AttributeName, Type: attribute.Type(*d.AttributeType)})
	}
	return attributes
}

// encryption returns nil for the key of AWS with which everything is encrypted anyway.
func (s *sSESpecification) encryption(d *table.Definition) *table.Encryption {
	if s == nil || s.Enabled == nil || !*s.Enabled {
		return nil
	}
	e := &table.Encryption{Type: "KMS"}
	if s.SSEType != nil {
		e.Type = *s.SSEType
	}
	keys := "arn:aws:kms:" + d.Region + ":" + table.AccountID + ":"
	switch id := s.KMSMasterKeyID; {
	case id == nil:
		e.KMSMasterKeyARN = keys + "key/" + uuid.NewV5(uuid.NamespaceDNS, d.Region).String() // the account's key for DynamoDB
	case strings.HasPrefix(*id, "arn:"):
		e.KMSMasterKeyARN = *id
	case strings.HasPrefix(*id, "alias/"):
		e.KMSMasterKeyARN = keys + *id
	default:
		e.KMSMasterKeyARN = keys + "key/" + *id
	}
	return e
}

// streamLabel is the form of stream labels, which are times.
const streamLabel = "2006-01-02T15:04:05.000"

// open gives a definition the stream that a request wants, under a label that no stream of
// the table has had: tables come and go faster than milliseconds.
func (s *streamSpecification) open(tx *storage.Tx, d *table.Definition, now time.Time) error {
	if s == nil || !*s.StreamEnabled {
		return nil
	}
	d.Stream = table.Stream{Enabled: true, ViewType: *s.StreamViewType}
	for at := now; ; at = at.Add(time.Millisecond) {
		d.Stream.Label = at.UTC().Format(streamLabel)
		if _, taken, err := tx.Stream(d.StreamARN()); err != nil || !taken {
			return err
		}
	}
}
