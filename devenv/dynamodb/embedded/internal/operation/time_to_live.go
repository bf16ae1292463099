package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type timeToLiveSpecification struct {
	Enabled       *bool   `json:"Enabled"`
	AttributeName *string `json:"AttributeName"`
}

type updateTimeToLiveInput struct {
	TableName               *string                  `json:"TableName"`
	TimeToLiveSpecification *timeToLiveSpecification `json:"TimeToLiveSpecification"`
}

type updateTimeToLiveOutput struct {
	TimeToLiveSpecification *timeToLiveSpecification `json:"TimeToLiveSpecification"`
}

type describeTimeToLiveOutput struct {
	TimeToLiveDescription timeToLiveDescription `json:"TimeToLiveDescription"`
}

type timeToLiveDescription struct {
	TimeToLiveStatus string `json:"TimeToLiveStatus"`
	AttributeName    string `json:"AttributeName,omitzero"`
}

// updateTimeToLive takes effect at once and may be repeated at once; AWS wants an hour
// between two changes.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
func (s *Service) updateTimeToLive(_ *Call, in *updateTimeToLiveInput) (*updateTimeToLiveOutput, error) {
	name, err := tableNameOf(in.TableName)
	if err != nil {
		return nil, err
	}
	var c constraints
	c.plainName(name)
	if t := in.TimeToLiveSpecification; c.required("timeToLiveSpecification", t != nil) {
		c.required("timeToLiveSpecification.enabled", t.Enabled != nil)
		if c.required("timeToLiveSpecification.attributeName", t.AttributeName != nil) {
			c.length("timeToLiveSpecification.attributeName", t.AttributeName, 1, 255)
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	err = s.db.Update(func(tx *storage.Tx) error {
		d, err := namedTable(tx, name)
		if err != nil {
			return err
		}
		next := *d
		next.TTLAttribute, err = in.TimeToLiveSpecification.apply(d.TTLAttribute)
		if err != nil {
			return err
		}
		next.TTLChanged = s.now()
		return tx.ReplaceTable(&next)
	})
	return &updateTimeToLiveOutput{in.TimeToLiveSpecification}, err
}

// apply returns the attribute that counts from now on, or "". current is the one so far.
func (t *timeToLiveSpecification) apply(current string) (string, error) {
	switch {
	case current == "" && *t.Enabled:
		return *t.AttributeName, nil
	case current == "":
		return "", exception.Validation("TimeToLive is already disabled")
	case *t.AttributeName != current:
		return "", exception.Validation("TimeToLive is active on a different AttributeName: current AttributeName is %s", current)
	case *t.Enabled:
		return "", exception.Validation("TimeToLive is already enabled")
	default:
		return "", nil
	}
}

// describeTimeToLive tells which attribute says when an item expires.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html
func (s *Service) describeTimeToLive(_ *Call, in *tableRequest) (*describeTimeToLiveOutput, error) {
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	out := new(describeTimeToLiveOutput)
	err = s.db.View(func(tx *storage.Tx) error {
		d, err := namedTable(tx, name)
		if err != nil {
			return err
		}
		out.TimeToLiveDescription = timeToLiveDescription{"ENABLED", d.TTLAttribute}
		if d.TTLAttribute == "" {
			out.TimeToLiveDescription.TimeToLiveStatus = "DISABLED"
		}
		return nil
	})
	return out, err
}
