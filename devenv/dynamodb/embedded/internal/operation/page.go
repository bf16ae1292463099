package operation

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// maxPage is how many bytes of items a page of Query and Scan reads, before the filter.
const maxPage = 1 << 20

// pageParameters are what Query and Scan have in common.
type pageParameters struct {
	TableName                 *string             `json:"TableName"`
	IndexName                 *string             `json:"IndexName"`
	Select                    *string             `json:"Select"`
	Limit                     *int64              `json:"Limit"`
	ConditionalOperator       *string             `json:"ConditionalOperator"`
	ExclusiveStartKey         attribute.ItemInput `json:"ExclusiveStartKey"`
	ConsistentRead            *bool               `json:"ConsistentRead"`
	ReturnConsumedCapacity    *string             `json:"ReturnConsumedCapacity"`
	FilterExpression          *string             `json:"FilterExpression"`
	ExpressionAttributeValues attribute.ItemInput `json:"ExpressionAttributeValues"`
	projectionParameters
}

// constrainSource applies the model's constraints to what both operations check first.
func (p *pageParameters) constrainSource(c *constraints) {
	c.enum("select", p.Select, selectEnum...)
	c.indexName("indexName", p.IndexName)
}

func constrainConditions(c *constraints, member string, conditions map[string]expression.LegacyCondition) {
	for _, name := range expression.CheckedNames(conditions) {
		operator := conditions[name].ComparisonOperator
		path := member + "." + name + ".member.comparisonOperator"
		c.required(path, operator != nil)
		c.enum(path, operator, comparisonOperatorEnum...)
	}
}

func (p *pageParameters) placeholders() (*expression.Placeholders, error) {
	return expression.NewPlaceholders(p.ExpressionAttributeNames, p.ExpressionAttributeNames != nil, p.ExpressionAttributeValues)
}

// startKey returns ExclusiveStartKey, nil when there is none.
func (p *pageParameters) startKey() (attribute.Item, error) {
	if !p.ExclusiveStartKey.IsSet() {
		return nil, nil
	}
	key, err := p.ExclusiveStartKey.Item()
	if err != nil {
		return nil, exception.Validation("The provided starting key is invalid: %s", exception.Of(err).Message)
	}
	return key, nil
}

// checkSelect checks the combinations that make no sense on any table.
// doing is what the operation does, for the message.
func (p *pageParameters) checkSelect(doing string) error {
	chosen := ""
	switch {
	case p.ProjectionExpression != nil:
		chosen = "ProjectionExpression"
	case p.AttributesToGet != nil:
		chosen = "AttributesToGet"
	}
	switch {
	case p.Select == nil:
	case *p.Select == "SPECIFIC_ATTRIBUTES" && chosen == "":
		return exception.Validation("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case *p.Select == "COUNT" && chosen != "":
		return exception.Validation("Cannot specify the %s when choosing to get only the Count", chosen)
	case *p.Select != "SPECIFIC_ATTRIBUTES" && chosen != "":
		return exception.Validation("Cannot specify the %s when choosing to get %s", chosen, *p.Select)
	case *p.Select == "ALL_PROJECTED_ATTRIBUTES" && p.IndexName == nil:
		return exception.Validation("ALL_PROJECTED_ATTRIBUTES can be used only when %s using an IndexName", doing)
	}
	return nil
}

// A page is what Query or Scan reads, when all is checked that can be without the table.
type page struct {
	*pageParameters
	tableName  string
	start      attribute.Item
	filter     *expression.Condition  // nil: all
	projection *expression.Projection // nil: as Select says
	index      *table.Index           // nil: the table
	fetch      bool                   // of a local index's items from the table
}

// pageOutput is the answer of Query and Scan.
type pageOutput struct {
	Items            []rawAttributes   `json:"Items,omitzero"`
	Count            int               `json:"Count"`
	ScannedCount     int               `json:"ScannedCount"`
	LastEvaluatedKey jsontext.Value    `json:"LastEvaluatedKey,omitzero"`
	ConsumedCapacity *consumedCapacity `json:"ConsumedCapacity,omitzero"`
}

// chooseIndex finds the index and whether it may be read as asked.
func (p *page) chooseIndex(d *table.Definition) error {
	if p.IndexName == nil {
		return nil
	}
	p.index = d.Index(*p.IndexName)
	if p.index == nil {
		return exception.Validation("The table does not have the specified index: %s", *p.IndexName)
	}
	if p.index.Global && p.ConsistentRead != nil && *p.ConsistentRead {
		return exception.Validation("Consistent reads are not supported on global secondary indexes")
	}
	return nil
}

// key returns the key that the page is read by.
func (p *page) key(d *table.Definition) table.Key {
	if p.index != nil {
		return p.index.Key
	}
	return d.Key
}

// checkAttributes checks the attributes that are wanted and filtered by against table and
// index. doing is what the operation does, for messages.
func (p *page) checkAttributes(d *table.Definition, doing string) error {
	if p.projection != nil {
		if err := checkPaths(d, p.projection.Paths()); err != nil {
			return err
		}
	}
	if p.filter != nil {
		if err := checkPaths(d, p.filter.Paths()); err != nil {
			return err
		}
	}
	if err := p.checkSelect(doing); err != nil {
		return err
	}
	if p.index == nil || p.index.Projection == "ALL" {
		return nil
	}
	if p.Select != nil && *p.Select == "ALL_ATTRIBUTES" {
		if p.index.Global {
			return exception.InvalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index %s "+
				"because its projection type is not ALL", p.index.Name)
		}
		p.fetch = true
		return nil
	}
	var missing []string
	if p.projection != nil {
		missing = p.notProjected(d, p.projection.Paths())
	}
	if len(missing) > 0 && p.index.Global {
		return exception.InvalidParameter("Global secondary index %s does not project %s", p.index.Name, javaList(missing))
	}
	p.fetch = len(missing) > 0
	return nil
}

// notProjected lists the attributes on paths that the index does not have.
func (p *page) notProjected(d *table.Definition, paths []expression.Path) []string {
	if p.index.Projection == "ALL" {
		return nil
	}
	var missing []string
	seen := map[string]bool{}
	for _, path := range paths {
		name := path[0].Name
		if !seen[name] && !d.Key.Has(name) && !p.index.Key.Has(name) && !slices.Contains(p.index.NonKey, name) {
			missing = append(missing, name)
		}
		seen[name] = true
	}
	return missing
}

// read reads a page of the range.
func (p *page) read(tx *storage.Tx, d *table.Definition, r storage.Range) (*pageOutput, error) {
	out := &pageOutput{}
	counting := p.Select != nil && *p.Select == "COUNT"
	if !counting {
		out.Items = []rawAttributes{}
	}
	var m meter
	factor := consistency(p.ConsistentRead)
	read, fetched := 0, 0
	for record, err := range tx.Range(d, p.index, r) {
		if err != nil {
			return nil, err
		}
		out.ScannedCount++
		read += record.Size
		entry := record
		if p.fetch {
			if record, err = fetch(tx, d, entry, &m, factor); err != nil {
				return nil, err
			}
			fetched += record.Size
		}
		last := (p.Limit != nil && int64(out.ScannedCount) >= *p.Limit) || read+fetched >= maxPage
		if last {
			item, err := entry.Item()
			if err != nil {
				return nil, err
			}
			out.LastEvaluatedKey = rawItem(keyOf(d, p.index, item))
		}
		item, ok, err := p.filtered(record)
		if err != nil {
			return nil, err
		}
		if ok {
			out.Count++
			if !counting {
				out.Items = append(out.Items, item)
			}
		}
		if last {
			break
		}
	}
	if p.index != nil {
		m.index(p.index, units(read, readUnit)*factor)
	} else {
		m.read(read, factor)
	}
	out.ConsumedCapacity = m.consumed(p.ReturnConsumedCapacity, *p.TableName)
	return out, nil
}

// filtered returns what is wanted of a record, if it passes the filter.
func (p *page) filtered(record storage.Record) (rawAttributes, bool, error) {
	if p.filter == nil {
		item, err := project(record, p.projection)
		return item, true, err
	}
	item, err := record.Item()
	if err != nil {
		return nil, false, err
	}
	if !p.filter.Matches(item) {
		return nil, false, nil
	}
	if p.projection == nil {
		return rawRecord(record), true, nil
	}
	return rawItem(p.projection.Apply(item)), true, nil
}

// fetch reads the whole item of a local index's entry. Each costs whole units.
func fetch(tx *storage.Tx, d *table.Definition, entry storage.Record, m *meter, factor float64) (storage.Record, error) {
	item, err := entry.Item()
	if err != nil {
		return storage.Record{}, err
	}
	whole, ok, err := tx.Get(d, keyOf(d, nil, item))
	if err != nil || !ok {
		return entry, err
	}
	m.read(whole.Size, factor)
	return whole, nil
}

// javaList prints names as Java's lists do.
func javaList(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

// checkStartKey checks ExclusiveStartKey against the keys of table and index.
func (p *page) checkStartKey(d *table.Definition, ofQuery bool) error {
	if p.start == nil {
		return nil
	}
	want := d.Key.Names()
	if p.index != nil {
		for _, name := range p.index.Key.Names() {
			if !slices.Contains(want, name) {
				want = append(want, name)
			}
		}
	}
	const invalid = "The provided starting key is invalid"
	if len(p.start) != len(want) {
		if p.index == nil && !ofQuery {
			return exception.Validation("%s: %s", invalid, errKeyMismatch.Message)
		}
		return exception.Validation(invalid)
	}
	for _, name := range want {
		value, ok := p.start[name]
		if !ok && (p.index != nil || ofQuery) {
			return exception.Validation(invalid)
		}
		partition := name == d.Key.Partition || (p.index != nil && name == p.index.Key.Partition)
		err := checkKeyValue(d, name, value, partition)
		switch {
		case err == nil:
		case exception.Of(err).Message == errKeyMismatch.Message && (ofQuery || p.index != nil) && p.key(d).Has(name):
			return err
		default:
			return exception.Validation("%s: %s", invalid, exception.Of(err).Message)
		}
	}
	return nil
}
