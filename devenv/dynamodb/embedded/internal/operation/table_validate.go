package operation

import (
	"slices"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// Limits of tables.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const (
	maxLocalIndexes    = 5
	maxGlobalIndexes   = 20
	maxProjected       = 100 // of all NonKeyAttributes of a table
	maxThroughput      = 1_000_000_000_000
	maxTags            = 50
	maxResourcePolicy  = 20 << 10 // bytes
	longestTagKey      = 128
	longestTagValue    = 256
	recoveryPeriodDays = 35
)

func (t *provisionedThroughput) checkBounds() error {
	switch {
	case t == nil:
		return nil
	case *t.ReadCapacityUnits > maxThroughput:
		return exception.Validation("Given value %d for ReadCapacityUnits is out of bounds", *t.ReadCapacityUnits)
	case *t.WriteCapacityUnits > maxThroughput:
		return exception.Validation("Given value %d for WriteCapacityUnits is out of bounds", *t.WriteCapacityUnits)
	}
	return nil
}

func definitionNames(definitions []attributeDefinition) []string {
	names := make([]string, len(definitions))
	for i, d := range definitions {
		names[i] = *d.AttributeName
	}
	return names
}

func schemaNames(elements []keySchemaElement) []string {
	names := make([]string, len(elements))
	for i, e := range elements {
		names[i] = *e.AttributeName
	}
	return names
}

// checkSchema checks the key schema of a table or of an index. defined are the attributes
// that have a definition.
func checkSchema(elements []keySchemaElement, defined []string) error {
	names := schemaNames(elements)
	for _, name := range names {
		if !slices.Contains(defined, name) {
			return exception.InvalidParameter("Some index key attributes are not defined in AttributeDefinitions. "+
				"Keys: %s, AttributeDefinitions: %s", javaList(names), javaList(defined))
		}
	}
	switch {
	case len(names) == 2 && names[0] == names[1]:
		return exception.Validation("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case *elements[0].KeyType != "HASH":
		return exception.Validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(names) == 2 && *elements[1].KeyType != "RANGE":
		return exception.Validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return nil
}

func (p *projection) check() error {
	switch {
	case p.ProjectionType == nil:
		return exception.InvalidParameter("Unknown ProjectionType: null")
	case *p.ProjectionType != "INCLUDE" && p.NonKeyAttributes != nil:
		return exception.InvalidParameter("ProjectionType is %s, but NonKeyAttributes is specified", *p.ProjectionType)
	case *p.ProjectionType == "INCLUDE" && p.NonKeyAttributes == nil:
		return exception.InvalidParameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	}
	return nil
}

// checkGlobal checks a global index that is to be made in a table with a billing mode.
func (x *globalSecondaryIndex) checkGlobal(defined []string, mode string) error {
	if err := checkSchema(x.KeySchema, defined); err != nil {
		return err
	}
	if err := x.Projection.check(); err != nil {
		return err
	}
	switch {
	case mode == payPerRequest && x.ProvisionedThroughput != nil:
		return exception.InvalidParameter("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", *x.IndexName)
	case mode == provisioned && x.ProvisionedThroughput == nil:
		return exception.InvalidParameter("ProvisionedThroughput must be specified for index: %s", *x.IndexName)
	}
	return x.ProvisionedThroughput.checkBounds()
}

// checkLocal checks a local index of a table with a partition key.
func (x *globalSecondaryIndex) checkLocal(defined []string, partition string) error {
	if err := checkSchema(x.KeySchema, defined); err != nil {
		return err
	}
	if len(x.KeySchema) != 2 {
		return exception.InvalidParameter("Index KeySchema does not have a range key for index: %s", *x.IndexName)
	}
	if hash := *x.KeySchema[0].AttributeName; hash != partition {
		return exception.InvalidParameter("Index KeySchema does not have the same leading hash key as table KeySchema "+
			"for index: %s. index hash key: %s, table hash key: %s", *x.IndexName, hash, partition)
	}
	return x.Projection.check()
}

func (s *streamSpecification) check() error {
	switch {
	case s == nil:
		return nil
	case *s.StreamEnabled && s.StreamViewType == nil:
		return exception.Validation("Invalid StreamViewType: Stream ViewType must not be null or empty when enabling streams.")
	case !*s.StreamEnabled && s.StreamViewType != nil:
		return exception.Validation("Invalid StreamViewType: Stream StreamEnabled was false but a StreamViewType was present.")
	}
	return nil
}

// errNotEmbedded refuses what would be wrong to ignore.
func errNotEmbedded(feature string) error {
	return exception.Validation("%s are not supported by the embedded DynamoDB", feature)
}
