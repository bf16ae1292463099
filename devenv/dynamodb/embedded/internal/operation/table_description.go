package operation

import (
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// The states of tables and indexes.
const (
	stateCreating = "CREATING"
	stateUpdating = "UPDATING"
	stateDeleting = "DELETING"
	stateActive   = "ACTIVE"
)

// epoch is a time on the wire: seconds since 1970, with milliseconds.
type epoch time.Time

// IsZero is for omitzero.
func (e epoch) IsZero() bool { return time.Time(e).IsZero() }

// MarshalJSONTo implements json.MarshalerTo.
func (e epoch) MarshalJSONTo(enc *jsontext.Encoder) error {
	return enc.WriteToken(jsontext.Float(float64(time.Time(e).UnixMilli()) / 1000))
}

// tableDescription is a table as clients see it.
type tableDescription struct {
	AttributeDefinitions      []attributeDefinition `json:"AttributeDefinitions,omitzero"`
	TableName                 string                `json:"TableName"`
	KeySchema                 []keySchemaElement    `json:"KeySchema,omitzero"`
	TableStatus               string                `json:"TableStatus"`
	CreationDateTime          epoch                 `json:"CreationDateTime,omitzero"`
	ProvisionedThroughput     throughputDescription `json:"ProvisionedThroughput"`
	TableSizeBytes            int64                 `json:"TableSizeBytes"`
	ItemCount                 int64                 `json:"ItemCount"`
	TableARN                  string                `json:"TableArn"`
	TableID                   string                `json:"TableId"`
	BillingModeSummary        *billingModeSummary   `json:"BillingModeSummary,omitzero"`
	LocalSecondaryIndexes     []indexDescription    `json:"LocalSecondaryIndexes,omitzero"`
	GlobalSecondaryIndexes    []indexDescription    `json:"GlobalSecondaryIndexes,omitzero"`
	StreamSpecification       *streamSpecification  `json:"StreamSpecification,omitzero"`
	LatestStreamLabel         string                `json:"LatestStreamLabel,omitzero"`
	LatestStreamARN           string                `json:"LatestStreamArn,omitzero"`
	SSEDescription            *sseDescription       `json:"SSEDescription,omitzero"`
	TableClassSummary         *tableClassSummary    `json:"TableClassSummary,omitzero"`
	DeletionProtectionEnabled bool                  `json:"DeletionProtectionEnabled"`
	OnDemandThroughput        *table.OnDemand       `json:"OnDemandThroughput,omitzero"`
	WarmThroughput            *warmDescription      `json:"WarmThroughput,omitzero"`
}

type throughputDescription struct {
	LastIncreaseDateTime   epoch `json:"LastIncreaseDateTime,omitzero"`
	LastDecreaseDateTime   epoch `json:"LastDecreaseDateTime,omitzero"`
	NumberOfDecreasesToday int64 `json:"NumberOfDecreasesToday"`
	ReadCapacityUnits      int64 `json:"ReadCapacityUnits"`
	WriteCapacityUnits     int64 `json:"WriteCapacityUnits"`
}

type billingModeSummary struct {
	BillingMode                       string `json:"BillingMode"`
	LastUpdateToPayPerRequestDateTime epoch  `json:"LastUpdateToPayPerRequestDateTime,omitzero"`
}

type indexDescription struct {
	IndexName             string                 `json:"IndexName"`
	KeySchema             []keySchemaElement     `json:"KeySchema"`
	Projection            projection             `json:"Projection"`
	IndexStatus           string                 `json:"IndexStatus,omitzero"` // of global ones, as what follows
	Backfilling           *bool                  `json:"Backfilling,omitzero"`
	ProvisionedThroughput *throughputDescription `json:"ProvisionedThroughput,omitzero"`
	IndexSizeBytes        int64                  `json:"IndexSizeBytes"`
	ItemCount             int64                  `json:"ItemCount"`
	IndexARN              string                 `json:"IndexArn"`
	OnDemandThroughput    *table.OnDemand        `json:"OnDemandThroughput,omitzero"`
	WarmThroughput        *warmDescription       `json:"WarmThroughput,omitzero"`
}

type sseDescription struct {
	Status          string `json:"Status"`
	SSEType         string `json:"SSEType"`
	KMSMasterKeyARN string `json:"KMSMasterKeyArn,omitzero"`
}

type tableClassSummary struct {
	TableClass string `json:"TableClass"`
}

type warmDescription struct {
	ReadUnitsPerSecond  int64  `json:"ReadUnitsPerSecond"`
	WriteUnitsPerSecond int64  `json:"WriteUnitsPerSecond"`
	Status              string `json:"Status"`
}

// describe describes a table that is at rest. Sizes are those of now; AWS's are some hours
// old.
func describe(tx *storage.Tx, d *table.Definition, now time.Time) *tableDescription {
	t := &tableDescription{
		TableName: d.Name, TableStatus: stateActive, CreationDateTime: epoch(d.Created),
		KeySchema:             schemaOf(d.Key),
		ProvisionedThroughput: describeThroughput(d.Throughput, now),
		TableARN:              d.ARN(), TableID: d.ID,
		BillingModeSummary: summarizeBilling(d),
		LatestStreamLabel:  d.Stream.Label, LatestStreamARN: d.StreamARN(),
		StreamSpecification:       specificationOf(d.Stream),
		DeletionProtectionEnabled: d.DeletionProtection,
		OnDemandThroughput:        d.OnDemand,
		WarmThroughput:            describeWarm(d.Warm, d.BillingMode, d.Throughput),
	}
	t.ItemCount, t.TableSizeBytes = tx.Stats(d, "")
	t.AttributeDefinitions = definitionsOf(d.Attributes)
	for i := range d.Local {
		t.LocalSecondaryIndexes = append(t.LocalSecondaryIndexes, describeIndex(tx, d, &d.Local[i], now))
	}
	for i := range d.Global {
		t.GlobalSecondaryIndexes = append(t.GlobalSecondaryIndexes, describeIndex(tx, d, &d.Global[i], now))
	}
	if d.Encryption != nil {
		t.SSEDescription = &sseDescription{Status: "ENABLED", SSEType: d.Encryption.Type, KMSMasterKeyARN: d.Encryption.KMSMasterKeyARN}
	}
	if d.Class != "" {
		t.TableClassSummary = &tableClassSummary{d.Class}
	}
	return t
}

func describeIndex(tx *storage.Tx, d *table.Definition, x *table.Index, now time.Time) indexDescription {
	i := newIndexDescription(d, x, now)
	i.ItemCount, i.IndexSizeBytes = tx.Stats(d, x.Name)
	return i
}

// newIndexDescription describes an index as if it were empty.
func newIndexDescription(d *table.Definition, x *table.Index, now time.Time) indexDescription {
	i := indexDescription{
		IndexName: x.Name, KeySchema: schemaOf(x.Key), IndexARN: d.IndexARN(x.Name),
		Projection: projection{ProjectionType: &x.Projection, NonKeyAttributes: x.NonKey},
	}
	if x.Global {
		i.IndexStatus = stateActive
		i.ProvisionedThroughput = new(describeThroughput(x.Throughput, now))
		i.OnDemandThroughput = x.OnDemand
		i.WarmThroughput = describeWarm(x.Warm, d.BillingMode, x.Throughput)
	}
	return i
}

func schemaOf(k table.Key) []keySchemaElement {
	elements := []keySchemaElement{{AttributeName: new(k.Partition), KeyType: new("HASH")}}
	if k.Sort != "" {
		elements = append(elements, keySchemaElement{AttributeName: new(k.Sort), KeyType: new("RANGE")})
	}
	return elements
}

func definitionsOf(attributes []table.Attribute) []attributeDefinition {
	definitions := make([]attributeDefinition, len(attributes))
	for i, a := range attributes {
		definitions[i] = attributeDefinition{AttributeName: new(a.Name), AttributeType: new(string(a.Type))}
	}
	return definitions
}

func describeThroughput(t table.Throughput, now time.Time) throughputDescription {
	d := throughputDescription{
		LastIncreaseDateTime: epoch(t.LastIncrease), LastDecreaseDateTime: epoch(t.LastDecrease),
		ReadCapacityUnits: t.ReadCapacityUnits, WriteCapacityUnits: t.WriteCapacityUnits,
	}
	if sameDay(t.LastDecrease, now) {
		d.NumberOfDecreasesToday = t.DecreasesToday
	}
	return d
}

// sameDay is about days of UTC, as in DynamoDB.
func sameDay(a, b time.Time) bool {
	const day = 24 * time.Hour
	return a.Truncate(day).Equal(b.Truncate(day))
}

// summarizeBilling returns nil for a table that has always been provisioned.
func summarizeBilling(d *table.Definition) *billingModeSummary {
	if d.BillingMode == provisioned && d.BillingModeChanged.IsZero() {
		return nil
	}
	return &billingModeSummary{BillingMode: d.BillingMode, LastUpdateToPayPerRequestDateTime: epoch(d.BillingModeChanged)}
}

func specificationOf(s table.Stream) *streamSpecification {
	if !s.Enabled {
		return nil
	}
	return &streamSpecification{StreamEnabled: new(true), StreamViewType: new(s.ViewType)}
}

// defaultWarm is what a table or index can do at once without more being asked for.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
func defaultWarm(mode string, t table.Throughput) table.Warm {
	if mode == payPerRequest {
		return table.Warm{ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000}
	}
	return table.Warm{ReadUnitsPerSecond: t.ReadCapacityUnits, WriteUnitsPerSecond: t.WriteCapacityUnits}
}

// describeWarm takes w for the default when it is nil; what is provisioned counts when it
// is more.
func describeWarm(w *table.Warm, mode string, t table.Throughput) *warmDescription {
	d := defaultWarm(mode, t)
	if w != nil {
		d.ReadUnitsPerSecond = max(w.ReadUnitsPerSecond, t.ReadCapacityUnits)
		d.WriteUnitsPerSecond = max(w.WriteUnitsPerSecond, t.WriteCapacityUnits)
	}
	return &warmDescription{d.ReadUnitsPerSecond, d.WriteUnitsPerSecond, stateActive}
}

// creating turns a description into that of CreateTable, which knows less: warm throughput
// only when it was asked for.
func (t *tableDescription) creating(d *table.Definition) {
	t.TableStatus = stateCreating
	if t.BillingModeSummary != nil {
		t.BillingModeSummary.LastUpdateToPayPerRequestDateTime = epoch{}
	}
	t.WarmThroughput = t.WarmThroughput.during(stateCreating, d.Warm)
	for i := range t.GlobalSecondaryIndexes {
		x := &t.GlobalSecondaryIndexes[i]
		x.IndexStatus = stateCreating
		x.WarmThroughput = x.WarmThroughput.during(stateCreating, d.Global[i].Warm)
	}
}

// during returns the description in another state, or nil when nothing was asked for.
func (w *warmDescription) during(state string, asked *table.Warm) *warmDescription {
	if asked == nil {
		return nil
	}
	w.Status = state
	return w
}
