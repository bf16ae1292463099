package operation

import (
	"time"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// Point-in-time recovery can be switched on and off; there is nothing to recover from.

type pointInTimeRecoverySpecification struct {
	PointInTimeRecoveryEnabled *bool  `json:"PointInTimeRecoveryEnabled"`
	RecoveryPeriodInDays       *int64 `json:"RecoveryPeriodInDays"`
}

type updateContinuousBackupsInput struct {
	TableName                        *string                           `json:"TableName"`
	PointInTimeRecoverySpecification *pointInTimeRecoverySpecification `json:"PointInTimeRecoverySpecification"`
}

type continuousBackupsOutput struct {
	ContinuousBackupsDescription continuousBackupsDescription `json:"ContinuousBackupsDescription"`
}

type continuousBackupsDescription struct {
	ContinuousBackupsStatus        string                         `json:"ContinuousBackupsStatus"`
	PointInTimeRecoveryDescription pointInTimeRecoveryDescription `json:"PointInTimeRecoveryDescription"`
}

type pointInTimeRecoveryDescription struct {
	PointInTimeRecoveryStatus  string `json:"PointInTimeRecoveryStatus"`
	RecoveryPeriodInDays       int    `json:"RecoveryPeriodInDays,omitzero"`
	EarliestRestorableDateTime epoch  `json:"EarliestRestorableDateTime,omitzero"`
	LatestRestorableDateTime   epoch  `json:"LatestRestorableDateTime,omitzero"`
}

func describeBackups(d *table.Definition, now time.Time) *continuousBackupsOutput {
	recovery := pointInTimeRecoveryDescription{PointInTimeRecoveryStatus: "DISABLED"}
	if d.PointInTime {
		earliest := now.AddDate(0, 0, -recoveryPeriodDays)
		if earliest.Before(d.Created) {
			earliest = d.Created
		}
		recovery = pointInTimeRecoveryDescription{"ENABLED", recoveryPeriodDays, epoch(earliest), epoch(now)}
	}
	return &continuousBackupsOutput{continuousBackupsDescription{"ENABLED", recovery}}
}

// backedUpTable returns the table; these operations have an exception of their own.
func backedUpTable(tx *storage.Tx, name string) (*table.Definition, error) {
	if d := tx.Table(name); d != nil {
		return d, nil
	}
	return nil, exception.New("TableNotFoundException", "Table not found: %s", name)
}

// describeContinuousBackups tells whether point-in-time recovery is on.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContinuousBackups.html
func (s *Service) describeContinuousBackups(_ *Call, in *tableRequest) (*continuousBackupsOutput, error) {
	name, err := in.name()
	if err != nil {
		return nil, err
	}
	var out *continuousBackupsOutput
	err = s.db.View(func(tx *storage.Tx) error {
		d, err := backedUpTable(tx, name)
		if err == nil {
			out = describeBackups(d, s.now())
		}
		return err
	})
	return out, err
}

// updateContinuousBackups switches point-in-time recovery on or off.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
func (s *Service) updateContinuousBackups(_ *Call, in *updateContinuousBackupsInput) (*continuousBackupsOutput, error) {
	name, err := tableNameOf(in.TableName)
	if err != nil {
		return nil, err
	}
	var c constraints
	c.plainName(name)
	const at = "pointInTimeRecoverySpecification"
	if r := in.PointInTimeRecoverySpecification; c.required(at, r != nil) {
		c.required(at+".pointInTimeRecoveryEnabled", r.PointInTimeRecoveryEnabled != nil)
		c.minimum(at+".recoveryPeriodInDays", r.RecoveryPeriodInDays, 1)
		c.maximum(at+".recoveryPeriodInDays", r.RecoveryPeriodInDays, recoveryPeriodDays)
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	var out *continuousBackupsOutput
	err = s.db.Update(func(tx *storage.Tx) error {
		d, err := backedUpTable(tx, name)
		if err != nil {
			return err
		}
		next := *d
		next.PointInTime = *in.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled
		out = describeBackups(&next, s.now())
		return tx.ReplaceTable(&next)
	})
	return out, err
}
