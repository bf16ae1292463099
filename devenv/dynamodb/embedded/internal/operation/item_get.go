package operation

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

type getItemInput struct {
	TableName              *string             `json:"TableName"`
	Key                    attribute.ItemInput `json:"Key"`
	ConsistentRead         *bool               `json:"ConsistentRead"`
	ReturnConsumedCapacity *string             `json:"ReturnConsumedCapacity"`
	projectionParameters
}

// rawAttributes is an item that is already encoded.
type rawAttributes = jsontext.Value

type getItemOutput struct {
	Item             rawAttributes     `json:"Item,omitzero"`
	ConsumedCapacity *consumedCapacity `json:"ConsumedCapacity,omitzero"`
}

func (s *Service) getItem(_ *Call, in *getItemInput) (*getItemOutput, error) {
	var c constraints
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	in.constrain(&c, "")
	c.tableName("tableName", in.TableName)
	c.required("key", in.Key.IsSet())
	if err := c.err(); err != nil {
		return nil, err
	}
	get, err := newGet(*in.TableName, in.Key, in.projectionParameters)
	if err != nil {
		return nil, err
	}
	out := &getItemOutput{}
	err = s.db.View(func(tx *storage.Tx) error {
		d, err := tableFor(tx, get.tableName)
		if err != nil {
			return err
		}
		item, size, err := get.from(tx, d)
		if err != nil {
			return err
		}
		var m meter
		m.read(size, consistency(in.ConsistentRead))
		out.Item, out.ConsumedCapacity = item, m.consumed(in.ReturnConsumedCapacity, *in.TableName)
		return nil
	})
	return out, err
}

// consistency is the factor of a read's units.
func consistency(consistent *bool) float64 {
	if consistent != nil && *consistent {
		return strongly
	}
	return eventually
}

// projectionParameters choose attributes, in the older way or by an expression.
type projectionParameters struct {
	AttributesToGet          []string          `json:"AttributesToGet"`
	ProjectionExpression     *string           `json:"ProjectionExpression"`
	ExpressionAttributeNames map[string]string `json:"ExpressionAttributeNames"`
}

func (p *projectionParameters) constrain(c *constraints, prefix string) {
	if p.AttributesToGet != nil {
		c.size(prefix+"attributesToGet", text(javaList(p.AttributesToGet)), len(p.AttributesToGet), 1, 255)
	}
}

// projection checks the parameters and returns the projection, nil for all attributes.
// between runs where DynamoDB checks keys: behind the combination of parameters, and
// before the expression.
func (p *projectionParameters) projection(between func() error) (*expression.Projection, error) {
	err := expression.CheckParameters(
		[]expression.Parameter{{Name: "ProjectionExpression", Set: p.ProjectionExpression != nil}},
		[]expression.Parameter{{Name: "AttributesToGet", Set: p.AttributesToGet != nil}},
		p.ExpressionAttributeNames != nil, false)
	if err != nil {
		return nil, err
	}
	if err := between(); err != nil {
		return nil, err
	}
	if p.AttributesToGet != nil {
		return expression.AttributesToGet(p.AttributesToGet)
	}
	if p.ProjectionExpression == nil {
		return nil, nil
	}
	placeholders, err := expression.NewPlaceholders(p.ExpressionAttributeNames, p.ExpressionAttributeNames != nil, attribute.ItemInput{})
	if err != nil {
		return nil, err
	}
	projection, err := placeholders.Projection(*p.ProjectionExpression)
	if err != nil {
		return nil, err
	}
	return projection, placeholders.Unused()
}

// A get is a read of one item, from whatever operation.
type get struct {
	tableName  string
	key        attribute.Item
	projection *expression.Projection // nil: all
}

func newGet(tableName string, key attribute.ItemInput, p projectionParameters) (*get, error) {
	g := &get{}
	var err error
	g.projection, err = p.projection(func() (err error) {
		g.key, err = key.Item()
		return err
	})
	if err != nil {
		return nil, err
	}
	g.tableName, err = tableNamed(tableName)
	return g, err
}

// from reads the item; nil when there is none. size is that of the stored item.
func (g *get) from(tx *storage.Tx, d *table.Definition) (item rawAttributes, size int, err error) {
	if err := checkKey(d, g.key); err != nil {
		return nil, 0, err
	}
	if g.projection != nil {
		if err := checkPaths(d, g.projection.Paths()); err != nil {
			return nil, 0, err
		}
	}
	record, ok, err := tx.Get(d, g.key)
	if err != nil || !ok {
		return nil, 0, err
	}
	item, err = project(record, g.projection)
	return item, record.Size, err
}

// project copies what is asked for out of a record.
func project(record storage.Record, projection *expression.Projection) (rawAttributes, error) {
	if projection == nil {
		return rawRecord(record), nil
	}
	item, err := record.Item()
	if err != nil {
		return nil, err
	}
	return rawItem(projection.Apply(item)), nil
}
