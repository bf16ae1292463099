package operation

import (
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

type updateTableInput struct {
	TableName                   *string                      `json:"TableName"`
	AttributeDefinitions        []attributeDefinition        `json:"AttributeDefinitions"`
	BillingMode                 *string                      `json:"BillingMode"`
	ProvisionedThroughput       *provisionedThroughput       `json:"ProvisionedThroughput"`
	OnDemandThroughput          *onDemandThroughput          `json:"OnDemandThroughput"`
	WarmThroughput              *warmThroughput              `json:"WarmThroughput"`
	GlobalSecondaryIndexUpdates []globalSecondaryIndexUpdate `json:"GlobalSecondaryIndexUpdates"`
	StreamSpecification         *streamSpecification         `json:"StreamSpecification"`
	SSESpecification            *sSESpecification            `json:"SSESpecification"`
	TableClass                  *string                      `json:"TableClass"`
	DeletionProtectionEnabled   *bool                        `json:"DeletionProtectionEnabled"`
	ReplicaUpdates              jsontext.Value               `json:"ReplicaUpdates"`
	VectorIndexUpdates          jsontext.Value               `json:"VectorIndexUpdates"`
}

// updateTable changes a table at once. The answer describes it as it was, with what is
// under way.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
func (s *Service) updateTable(_ *Call, in *updateTableInput) (*tableDescriptionOutput, error) {
	name, err := in.constrain()
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var out *tableDescription
	err = s.db.Update(func(tx *storage.Tx) error {
		d, err := namedTable(tx, name)
		if err != nil {
			return err
		}
		next, err := in.apply(tx, d, s.now())
		if err != nil {
			return err
		}
		out = describe(tx, d, s.now())
		out.updating(d, next, s.now())
		return tx.ReplaceTable(next)
	})
	return &tableDescriptionOutput{out}, err
}

func (in *updateTableInput) constrain() (string, error) {
	name, err := tableNameOf(in.TableName)
	if err != nil {
		return "", err
	}
	var c constraints
	c.plainName(name)
	in.ProvisionedThroughput.constrain(&c, "provisionedThroughput")
	c.enum("billingMode", in.BillingMode, billingModes...)
	for i := range in.GlobalSecondaryIndexUpdates {
		in.GlobalSecondaryIndexUpdates[i].constrain(&c, memberPath("globalSecondaryIndexUpdates", i))
	}
	constrainDefinitions(&c, in.AttributeDefinitions)
	in.StreamSpecification.constrain(&c)
	in.SSESpecification.constrain(&c)
	c.enum("tableClass", in.TableClass, tableClasses...)
	return name, c.err()
}

// check does what needs no table.
func (in *updateTableInput) check() error {
	if in.empty() {
		return exception.Validation("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
			"GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	if returns(in.BillingMode, provisioned) && in.ProvisionedThroughput == nil {
		return exception.InvalidParameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	}
	if err := in.ProvisionedThroughput.checkBounds(); err != nil {
		return err
	}
	if err := checkIndexUpdates(in.GlobalSecondaryIndexUpdates); err != nil {
		return err
	}
	switch {
	case given(in.ReplicaUpdates):
		return errNotEmbedded("Replicas")
	case given(in.VectorIndexUpdates):
		return errNotEmbedded("Vector indexes")
	}
	return in.StreamSpecification.check()
}

// empty reports whether there is nothing to do; AttributeDefinitions alone are nothing.
func (in *updateTableInput) empty() bool {
	return in.ProvisionedThroughput == nil && in.BillingMode == nil && len(in.GlobalSecondaryIndexUpdates) == 0 &&
		in.StreamSpecification == nil && in.SSESpecification == nil && in.TableClass == nil && in.DeletionProtectionEnabled == nil &&
		in.OnDemandThroughput == nil && in.WarmThroughput == nil && !given(in.ReplicaUpdates) && !given(in.VectorIndexUpdates)
}

// apply returns the definition that the request makes of another.
func (in *updateTableInput) apply(tx *storage.Tx, d *table.Definition, now time.Time) (*table.Definition, error) {
	next := new(*d)
	next.Global = slices.Clone(d.Global)
	if in.BillingMode != nil {
		next.BillingMode = *in.BillingMode
	}
	if next.BillingMode == payPerRequest && in.ProvisionedThroughput != nil {
		return nil, exception.InvalidParameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	}
	if err := in.applyThroughput(next, now); err != nil {
		return nil, err
	}
	if err := in.applyIndexes(next, d, now); err != nil {
		return nil, err
	}
	if err := in.applyWarm(next); err != nil {
		return nil, err
	}
	if err := in.applyStream(tx, next, now); err != nil {
		return nil, err
	}
	next.OnDemand = in.OnDemandThroughput.limits(next.OnDemand)
	if in.SSESpecification != nil {
		next.Encryption = in.SSESpecification.encryption(next)
	}
	if in.TableClass != nil {
		next.Class = *in.TableClass
	}
	if in.DeletionProtectionEnabled != nil {
		next.DeletionProtection = *in.DeletionProtectionEnabled
	}
	if next.BillingMode == payPerRequest && d.BillingMode != payPerRequest {
		next.BillingModeChanged = now
		next.Throughput = withoutThroughput(next.Throughput, now)
		for i := range next.Global {
			next.Global[i].Throughput = withoutThroughput(next.Global[i].Throughput, now)
		}
	}
	return next, nil
}

func (in *updateTableInput) applyThroughput(next *table.Definition, now time.Time) error {
	if in.ProvisionedThroughput == nil {
		return nil
	}
	changed, err := changeThroughput(next.Throughput, in.ProvisionedThroughput, now)
	next.Throughput = changed
	return err
}

// changeThroughput returns the throughput that is asked for.
func changeThroughput(t table.Throughput, asked *provisionedThroughput, now time.Time) (table.Throughput, error) {
	reads, writes := *asked.ReadCapacityUnits, *asked.WriteCapacityUnits
	if reads == t.ReadCapacityUnits && writes == t.WriteCapacityUnits {
		return t, exception.Validation("The provisioned throughput for the table will not change. The requested value equals the current value. "+
			"Current ReadCapacityUnits provisioned for the table: %d. Requested ReadCapacityUnits: %d. "+
			"Current WriteCapacityUnits provisioned for the table: %d. Requested WriteCapacityUnits: %d. "+
			"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
			t.ReadCapacityUnits, reads, t.WriteCapacityUnits, writes)
	}
	if reads > t.ReadCapacityUnits || writes > t.WriteCapacityUnits {
		t.LastIncrease = now
	}
	if reads < t.ReadCapacityUnits || writes < t.WriteCapacityUnits {
		t = decreased(t, now)
	}
	t.ReadCapacityUnits, t.WriteCapacityUnits = reads, writes
	return t, nil
}

func decreased(t table.Throughput, now time.Time) table.Throughput {
	if !sameDay(t.LastDecrease, now) {
		t.DecreasesToday = 0
	}
	t.DecreasesToday++
	t.LastDecrease = now
	return t
}

// withoutThroughput is the throughput of a table that has become on-demand.
func withoutThroughput(t table.Throughput, now time.Time) table.Throughput {
	t = decreased(t, now)
	t.ReadCapacityUnits, t.WriteCapacityUnits = 0, 0
	return t
}

func (in *updateTableInput) applyStream(tx *storage.Tx, next *table.Definition, now time.Time) error {
	switch s := in.StreamSpecification; {
	case s == nil:
		return nil
	case *s.StreamEnabled && next.Stream.Enabled:
		return exception.Validation("Table already has an enabled stream: TableName: %s", next.Name)
	case *s.StreamEnabled:
		return s.open(tx, next, now)
	case !next.Stream.Enabled:
		return exception.Validation("Table does not have a stream to disable: TableName: %s", next.Name)
	default:
		next.Stream.Enabled = false
		return nil
	}
}

func (in *updateTableInput) applyWarm(next *table.Definition) error {
	if in.WarmThroughput == nil {
		return nil
	}
	warm, err := in.WarmThroughput.raise(next.Warm, next.BillingMode, next.Throughput, "table")
	next.Warm = warm
	return err
}

// raise returns the warm throughput that is asked for, which must not be less than it is.
func (t *warmThroughput) raise(before *table.Warm, mode string, throughput table.Throughput, what string) (*table.Warm, error) {
	current := describeWarm(before, mode, throughput)
	next := t.warm(table.Warm{ReadUnitsPerSecond: current.ReadUnitsPerSecond, WriteUnitsPerSecond: current.WriteUnitsPerSecond})
	const less = "Requested %s for WarmThroughput for %s is lower than current WarmThroughput, decreasing WarmThroughput is not supported"
	switch {
	case next.ReadUnitsPerSecond < current.ReadUnitsPerSecond:
		return nil, exception.InvalidParameter(less, "ReadUnitsPerSecond", what)
	case next.WriteUnitsPerSecond < current.WriteUnitsPerSecond:
		return nil, exception.InvalidParameter(less, "WriteUnitsPerSecond", what)
	}
	return next, nil
}

// updating turns the description of a table as it was into that of an UpdateTable that is
// to make next of it: settings are told at once, throughput and indexes when they are done.
func (t *tableDescription) updating(before, next *table.Definition, now time.Time) {
	t.TableStatus = stateUpdating
	t.AttributeDefinitions = definitionsOf(next.Attributes)
	t.StreamSpecification = specificationOf(next.Stream)
	t.LatestStreamLabel, t.LatestStreamARN = next.Stream.Label, next.StreamARN()
	t.DeletionProtectionEnabled = next.DeletionProtection
	t.OnDemandThroughput = next.OnDemand
	if next.Class != "" {
		t.TableClassSummary = &tableClassSummary{next.Class}
	}
	if next.Encryption != nil {
		t.SSEDescription = &sseDescription{Status: "ENABLED", SSEType: next.Encryption.Type, KMSMasterKeyARN: next.Encryption.KMSMasterKeyARN}
	}
	if before.Encryption != next.Encryption && t.SSEDescription != nil {
		t.SSEDescription.Status = stateUpdating
	}
	if before.Warm != next.Warm {
		t.WarmThroughput.Status = stateUpdating
	}
	billed := before.BillingMode != next.BillingMode
	if billed {
		t.BillingModeSummary = &billingModeSummary{BillingMode: next.BillingMode, LastUpdateToPayPerRequestDateTime: epoch(before.BillingModeChanged)}
		t.ProvisionedThroughput = describeThroughput(next.Throughput, now)
	}
	t.updatingIndexes(next, billed, now)
}

// updatingIndexes shows what happens to global indexes, which the description has as they
// were.
func (t *tableDescription) updatingIndexes(next *table.Definition, billed bool, now time.Time) {
	known := map[string]bool{}
	for i := range t.GlobalSecondaryIndexes {
		x := &t.GlobalSecondaryIndexes[i]
		known[x.IndexName] = true
		y := next.Index(x.IndexName)
		switch {
		case y == nil:
			x.IndexStatus = stateDeleting
		case billed:
			x.IndexStatus = stateUpdating
			x.ProvisionedThroughput = new(describeThroughput(y.Throughput, now))
		case *x.ProvisionedThroughput != describeThroughput(y.Throughput, now):
			x.IndexStatus = stateUpdating
		}
	}
	for i := range next.Global {
		if y := &next.Global[i]; !known[y.Name] {
			x := newIndexDescription(next, y, now)
			x.IndexStatus, x.Backfilling = stateCreating, new(false)
			x.WarmThroughput = x.WarmThroughput.during(stateCreating, y.Warm)
			t.GlobalSecondaryIndexes = append(t.GlobalSecondaryIndexes, x)
		}
	}
}
