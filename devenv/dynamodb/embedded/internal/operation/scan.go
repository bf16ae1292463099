package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type scanInput struct {
	pageParameters
	ScanFilter    map[string]expression.LegacyCondition `json:"ScanFilter"`
	Segment       *int64                                `json:"Segment"`
	TotalSegments *int64                                `json:"TotalSegments"`
}

// maxSegments is how many workers a parallel scan may have.
const maxSegments = 1_000_000

func (s *Service) scan(_ *Call, in *scanInput) (*pageOutput, error) {
	var c constraints
	in.constrainSource(&c)
	c.minimum("totalSegments", in.TotalSegments, 1)
	c.maximum("totalSegments", in.TotalSegments, maxSegments)
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	c.tableName("tableName", in.TableName)
	c.enum("conditionalOperator", in.ConditionalOperator, conditionalOperatorEnum...)
	constrainConditions(&c, "scanFilter", in.ScanFilter)
	c.minimum("segment", in.Segment, 0)
	c.maximum("segment", in.Segment, maxSegments-1)
	c.minimum("limit", in.Limit, 1)
	in.projectionParameters.constrain(&c, "")
	if err := c.err(); err != nil {
		return nil, err
	}
	p, err := in.parse()
	if err != nil {
		return nil, err
	}
	var out *pageOutput
	err = s.db.View(func(tx *storage.Tx) error {
		d, err := tableFor(tx, p.tableName)
		if err != nil {
			return err
		}
		if err := p.chooseIndex(d); err != nil {
			return err
		}
		if err := p.checkStartKey(d, false); err != nil {
			return err
		}
		if err := p.checkAttributes(d, "Scanning"); err != nil {
			return err
		}
		r := storage.Range{After: p.start}
		if in.TotalSegments != nil {
			r.Segment, r.TotalSegments = int(*in.Segment), int(*in.TotalSegments)
			if p.start != nil && !storage.InSegment(p.start[p.key(d).Partition], r.Segment, r.TotalSegments) {
				return exception.Validation("The provided starting key is invalid: Invalid ExclusiveStartKey. "+
					"Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", r.TotalSegments, r.Segment)
			}
		}
		out, err = p.read(tx, d, r)
		return err
	})
	return out, err
}

// parse checks the request in DynamoDB's order, as far as it can be without the table.
func (in *scanInput) parse() (*page, error) {
	err := expression.CheckParameters([]expression.Parameter{
		{Name: "ProjectionExpression", Set: in.ProjectionExpression != nil},
		{Name: "FilterExpression", Set: in.FilterExpression != nil},
	}, []expression.Parameter{
		{Name: "AttributesToGet", Set: in.AttributesToGet != nil},
		{Name: "ScanFilter", Set: in.ScanFilter != nil},
		{Name: "ConditionalOperator", Set: in.ConditionalOperator != nil},
	}, in.ExpressionAttributeNames != nil, in.ExpressionAttributeValues.IsSet())
	if err != nil {
		return nil, err
	}
	p := &page{pageParameters: &in.pageParameters}
	if in.AttributesToGet != nil {
		if p.projection, err = expression.AttributesToGet(in.AttributesToGet); err != nil {
			return nil, err
		}
	}
	if in.ScanFilter != nil || in.ConditionalOperator != nil {
		if p.filter, err = expression.Filter(in.ScanFilter, in.ConditionalOperator); err != nil {
			return nil, err
		}
	}
	if p.start, err = in.startKey(); err != nil {
		return nil, err
	}
	if err := in.checkSegments(); err != nil {
		return nil, err
	}
	placeholders, err := in.placeholders()
	if err != nil {
		return nil, err
	}
	if err := p.parseExpressions(placeholders); err != nil {
		return nil, err
	}
	p.tableName, err = tableNamed(*in.TableName)
	return p, err
}

func (in *scanInput) checkSegments() error {
	switch {
	case in.Segment != nil && in.TotalSegments == nil:
		return exception.Validation("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case in.Segment == nil && in.TotalSegments != nil:
		return exception.Validation("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case in.Segment != nil && *in.Segment >= *in.TotalSegments:
		return exception.Validation("The Segment parameter is zero-based and must be less than parameter TotalSegments: "+
			"Segment: %d is not less than TotalSegments: %d", *in.Segment, *in.TotalSegments)
	}
	return nil
}
