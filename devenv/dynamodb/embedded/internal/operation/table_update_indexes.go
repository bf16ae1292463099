package operation

import (
	"slices"
	"strings"
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// globalSecondaryIndexUpdate does one thing to an index.
type globalSecondaryIndexUpdate struct {
	Update *updateGlobalSecondaryIndexAction `json:"Update"`
	Create *globalSecondaryIndex             `json:"Create"`
	Delete *deleteGlobalSecondaryIndexAction `json:"Delete"`
}

type updateGlobalSecondaryIndexAction struct {
	IndexName             *string                `json:"IndexName"`
	ProvisionedThroughput *provisionedThroughput `json:"ProvisionedThroughput"`
	OnDemandThroughput    *onDemandThroughput    `json:"OnDemandThroughput"`
	WarmThroughput        *warmThroughput        `json:"WarmThroughput"`
}

type deleteGlobalSecondaryIndexAction struct {
	IndexName *string `json:"IndexName"`
}

func (u *globalSecondaryIndexUpdate) constrain(c *constraints, at string) {
	if u.Update != nil {
		constrainIndexName(c, at+".update.indexName", u.Update.IndexName)
		u.Update.ProvisionedThroughput.constrain(c, at+".update.provisionedThroughput")
	}
	if u.Create != nil {
		u.Create.Projection.constrain(c, at+".create.projection")
		constrainIndexName(c, at+".create.indexName", u.Create.IndexName)
		u.Create.ProvisionedThroughput.constrain(c, at+".create.provisionedThroughput")
		constrainSchema(c, at+".create.keySchema", u.Create.KeySchema)
	}
	if u.Delete != nil {
		constrainIndexName(c, at+".delete.indexName", u.Delete.IndexName)
	}
}

// names returns the indexes that are meant: one, unless the request is odd.
func (u *globalSecondaryIndexUpdate) names() []string {
	var names []string
	if u.Update != nil {
		names = append(names, *u.Update.IndexName)
	}
	if u.Create != nil {
		names = append(names, *u.Create.IndexName)
	}
	if u.Delete != nil {
		names = append(names, *u.Delete.IndexName)
	}
	return names
}

func checkIndexUpdates(updates []globalSecondaryIndexUpdate) error {
	seen := map[string]bool{}
	for i := range updates {
		names := updates[i].names()
		if len(names) == 0 {
			return exception.InvalidParameter("One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
				"GlobalSecondaryIndexUpdate.Delete must not be null")
		}
		for _, name := range names {
			if seen[name] {
				return exception.InvalidParameter("Only one global secondary index update per index is allowed simultaneously. Index: %s", name)
			}
			seen[name] = true
		}
	}
	return nil
}

// applyIndexes changes the indexes of next; before is the table as it was.
func (in *updateTableInput) applyIndexes(next, before *table.Definition, now time.Time) error {
	online := 0
	provided := map[string]bool{} // indexes with throughput in this request
	for i := range in.GlobalSecondaryIndexUpdates {
		u := &in.GlobalSecondaryIndexUpdates[i]
		if u.Create != nil {
			online++
		}
		if u.Delete != nil {
			online++
		}
		if u.Update != nil && u.Update.ProvisionedThroughput != nil {
			provided[*u.Update.IndexName] = true
		}
	}
	if online > 1 {
		return exception.New(exception.LimitExceededName,
			"Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	if next.BillingMode == provisioned && before.BillingMode != provisioned {
		if missing := unprovided(before.Global, provided); len(missing) > 0 {
			return exception.InvalidParameter("ProvisionedThroughput must be specified for index: %s", strings.Join(missing, ","))
		}
	}
	for i := range in.GlobalSecondaryIndexUpdates {
		if err := in.GlobalSecondaryIndexUpdates[i].apply(next, in.AttributeDefinitions, now); err != nil {
			return err
		}
	}
	if online > 0 {
		next.Attributes = usedAttributes(next)
	}
	return nil
}

func unprovided(indexes []table.Index, provided map[string]bool) []string {
	var missing []string
	for i := range indexes {
		if !provided[indexes[i].Name] {
			missing = append(missing, indexes[i].Name)
		}
	}
	return missing
}

func (u *globalSecondaryIndexUpdate) apply(next *table.Definition, definitions []attributeDefinition, now time.Time) error {
	if u.Update != nil {
		if err := u.Update.apply(next, now); err != nil {
			return err
		}
	}
	if u.Create != nil {
		if err := u.Create.create(next, definitions); err != nil {
			return err
		}
	}
	if u.Delete != nil {
		i := globalIndex(next, *u.Delete.IndexName)
		if i < 0 {
			return errNoIndex()
		}
		next.Global = slices.Delete(next.Global, i, i+1)
	}
	return nil
}

func errNoIndex() error {
	return exception.New(exception.ResourceNotFoundName, "Requested resource not found")
}

func globalIndex(d *table.Definition, name string) int {
	return slices.IndexFunc(d.Global, func(x table.Index) bool { return x.Name == name })
}

func (u *updateGlobalSecondaryIndexAction) apply(next *table.Definition, now time.Time) error {
	i := globalIndex(next, *u.IndexName)
	if i < 0 {
		return errNoIndex()
	}
	x := &next.Global[i]
	if t := u.ProvisionedThroughput; t != nil {
		if next.BillingMode == payPerRequest {
			return exception.InvalidParameter("ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", x.Name)
		}
		if max(*t.ReadCapacityUnits, *t.WriteCapacityUnits) > maxThroughput {
			return exception.Validation("This operation cannot be performed with given input values. " +
				"Please contact DynamoDB service team for more info: Action Blocked: IndexUpdate")
		}
		changed, err := changeThroughput(x.Throughput, t, now)
		if err != nil {
			return err
		}
		x.Throughput = changed
	}
	x.OnDemand = u.OnDemandThroughput.limits(x.OnDemand)
	if u.WarmThroughput != nil {
		warm, err := u.WarmThroughput.raise(x.Warm, next.BillingMode, x.Throughput, "index "+x.Name)
		if err != nil {
			return err
		}
		x.Warm = warm
	}
	return nil
}

// create adds an index to a table. The request defines its keys, again if the table knows
// them.
func (x *globalSecondaryIndex) create(next *table.Definition, definitions []attributeDefinition) error {
	if next.Index(*x.IndexName) != nil {
		return exception.Validation("Attempting to create an index which already exists")
	}
	defined := definitionNames(definitions)
	if err := x.checkGlobal(defined, next.BillingMode); err != nil {
		return err
	}
	if len(next.Global) >= maxGlobalIndexes {
		return exception.InvalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobalIndexes)
	}
	projected := len(x.Projection.NonKeyAttributes)
	for _, others := range [][]table.Index{next.Local, next.Global} {
		for i := range others {
			projected += len(others[i].NonKey)
		}
	}
	if err := checkProjected(projected); err != nil {
		return err
	}
	next.Attributes = slices.Clone(next.Attributes)
	for _, d := range definitions {
		a := table.Attribute{Name: *d.AttributeName, Type: attribute.Type(*d.AttributeType)}
		switch known := next.AttributeType(a.Name); known {
		case a.Type:
		case "":
			next.Attributes = append(next.Attributes, a)
		default:
			return exception.InvalidParameter("Attribute redefinition is not allowed. Attribute: %s, current type: %s, requested type: %s", a.Name, known, a.Type)
		}
	}
	next.Global = append(next.Global, x.index(true, next.BillingMode))
	return nil
}

// usedAttributes returns the definitions that some key needs.
func usedAttributes(d *table.Definition) []table.Attribute {
	used := d.Key.Names()
	for _, indexes := range [][]table.Index{d.Local, d.Global} {
		for i := range indexes {
			used = append(used, indexes[i].Key.Names()...)
		}
	}
	attributes := make([]table.Attribute, 0, len(d.Attributes))
	for _, a := range d.Attributes {
		if slices.Contains(used, a.Name) {
			attributes = append(attributes, a)
		}
	}
	return attributes
}
