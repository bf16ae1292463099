package operation

import (
	"github.com/gofrs/uuid/v5"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// Interim: replaced by the operations on tables and streams.
var streamOperations map[string]handler

var tableOperations = map[string]handler{
	"CreateTable":        handle((*Service).interimCreate),
	"DescribeTable":      handle((*Service).interimDescribe),
	"DeleteTable":        handle((*Service).interimDelete),
	"ListTables":         handle((*Service).interimList),
	"UpdateTimeToLive":   handle(func(*Service, *Call, *struct{}) (*struct{}, error) { return &struct{}{}, nil }),
}

type interimKey struct{ AttributeName, KeyType string }

type interimTable struct {
	TableName            string
	AttributeDefinitions []struct{ AttributeName, AttributeType string }
	KeySchema            []interimKey
	BillingMode          string
	LocalSecondaryIndexes, GlobalSecondaryIndexes []interimIndex
	TableStatus          string
	TableArn             string
}

type interimIndex struct {
	IndexName  string
	KeySchema  []interimKey
	Projection struct {
		ProjectionType   string
		NonKeyAttributes []string
	}
	IndexStatus string
}

type interimOut struct {
	TableDescription *interimTable `json:",omitzero"`
	Table            *interimTable `json:",omitzero"`
	TableNames       []string `json:",omitzero"`
}

var interimTables = map[string]*interimTable{}

func interimSchema(k []interimKey) table.Key {
	out := table.Key{}
	for _, x := range k {
		if x.KeyType == "HASH" {
			out.Partition = x.AttributeName
		} else {
			out.Sort = x.AttributeName
		}
	}
	return out
}

func (s *Service) interimCreate(call *Call, in *interimTable) (*interimOut, error) {
	d := &table.Definition{Name: in.TableName, ID: uuid.Must(uuid.NewV4()).String(), Region: call.Region, Created: s.now(), Key: interimSchema(in.KeySchema), BillingMode: "PAY_PER_REQUEST"}
	for _, a := range in.AttributeDefinitions {
		d.Attributes = append(d.Attributes, table.Attribute{Name: a.AttributeName, Type: attribute.Type(a.AttributeType)})
	}
	for _, x := range in.LocalSecondaryIndexes {
		d.Local = append(d.Local, table.Index{Name: x.IndexName, Key: interimSchema(x.KeySchema), Projection: x.Projection.ProjectionType, NonKey: x.Projection.NonKeyAttributes})
	}
	for i, x := range in.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes[i].IndexStatus = "ACTIVE"
		d.Global = append(d.Global, table.Index{Name: x.IndexName, Global: true, Key: interimSchema(x.KeySchema), Projection: x.Projection.ProjectionType, NonKey: x.Projection.NonKeyAttributes})
	}
	in.TableStatus, in.TableArn = "ACTIVE", d.ARN()
	err := s.db.Update(func(tx *storage.Tx) error {
		if tx.Table(in.TableName) != nil {
			return exception.New(exception.ResourceInUseName, "Table already exists: %s", in.TableName)
		}
		interimTables[in.TableName] = in
		return tx.CreateTable(d)
	})
	return &interimOut{TableDescription: in}, err
}

func (s *Service) interimDescribe(_ *Call, in *interimTable) (*interimOut, error) {
	var out *interimOut
	err := s.db.View(func(tx *storage.Tx) error {
		if tx.Table(in.TableName) == nil {
			return exception.New(exception.ResourceNotFoundName, "Requested resource not found: Table: %s not found", in.TableName)
		}
		out = &interimOut{Table: interimTables[in.TableName]}
		return nil
	})
	return out, err
}

func (s *Service) interimDelete(_ *Call, in *interimTable) (*interimOut, error) {
	err := s.db.Update(func(tx *storage.Tx) error { return tx.DropTable(in.TableName) })
	return &interimOut{TableDescription: in}, err
}

func (s *Service) interimList(_ *Call, in *interimTable) (*interimOut, error) {
	out := &interimOut{}
	err := s.db.View(func(tx *storage.Tx) error { out.TableNames = tx.TableNames("", 100); return nil })
	return out, err
}
