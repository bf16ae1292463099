package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/partiql"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// maxBatchStatements is how many statements a batch may have.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchExecuteStatement.html
const maxBatchStatements = 25

type batchExecuteStatementInput struct {
	Statements             []batchStatementRequest `json:"Statements"`
	ReturnConsumedCapacity *string                 `json:"ReturnConsumedCapacity"`
}

type batchStatementRequest struct {
	statementInput
	ConsistentRead *bool `json:"ConsistentRead"`
}

type batchExecuteStatementOutput struct {
	Responses        []batchStatementResponse `json:"Responses"`
	ConsumedCapacity []*consumedCapacity      `json:"ConsumedCapacity,omitzero"`
}

type batchStatementResponse struct {
	Error     *batchStatementError `json:"Error,omitzero"`
	TableName string               `json:"TableName,omitzero"`
	Item      rawAttributes        `json:"Item,omitzero"`
}

type batchStatementError struct {
	Code    string        `json:"Code"`
	Message string        `json:"Message"`
	Item    rawAttributes `json:"Item,omitzero"`
}

// A batchStatement is one of a batch, as far as it has come.
type batchStatement struct {
	*prepared
	request  *batchStatementRequest
	response *batchStatementResponse
	key      attribute.Item // of the one item that it is about
}

// fail notes an error as the statement's own. It returns what is none of the client's.
func (b *batchStatement) fail(err error) error {
	e := exception.Of(err)
	code, ok := batchCodes[e.Name]
	if !ok {
		return err
	}
	b.response.Error = &batchStatementError{Code: code, Message: e.Message}
	b.response.Error.Item, _ = e.Fields["Item"].(rawAttributes)
	return nil
}

func (s *Service) batchExecuteStatement(_ *Call, in *batchExecuteStatementInput) (*batchExecuteStatementOutput, error) {
	if err := in.constrain(); err != nil {
		return nil, err
	}
	out := &batchExecuteStatementOutput{Responses: make([]batchStatementResponse, len(in.Statements))}
	statements, err := in.parse(out)
	if err != nil {
		return nil, err
	}
	reading, err := onlyReads(statements)
	if err != nil {
		return nil, err
	}
	err = s.db.View(func(tx *storage.Tx) error { return identify(tx, statements) })
	if err != nil {
		return nil, err
	}
	var cost meters
	if reading {
		err = s.db.View(func(tx *storage.Tx) error { return readBatch(tx, statements, &cost) })
	} else {
		err = s.writeBatch(statements, &cost)
	}
	for _, name := range cost.names {
		if c := cost.of(name).consumed(in.ReturnConsumedCapacity, name); c != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, c)
		}
	}
	return out, err
}

func (in *batchExecuteStatementInput) constrain() error {
	var c constraints
	if c.required("statements", in.Statements != nil) {
		c.size("statements", text("[]"), len(in.Statements), 1, maxBatchStatements)
	}
	for i := range in.Statements {
		in.Statements[i].constrain(&c, memberPath("statements", i)+".")
	}
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	return c.err()
}

// parse returns the statements that are worth going on with.
func (in *batchExecuteStatementInput) parse(out *batchExecuteStatementOutput) ([]*batchStatement, error) {
	var statements []*batchStatement
	for i := range in.Statements {
		b := &batchStatement{request: &in.Statements[i], response: &out.Responses[i]}
		parameters, err := parametersOf(b.request.Parameters)
		if err != nil {
			return nil, err
		}
		statement, err := partiql.Parse(*b.request.Statement)
		if err == nil {
			b.prepared, err = prepare(statement, parameters)
		}
		if _, ok := statement.(*partiql.Exists); ok && err == nil {
			err = partiql.ErrExists
		}
		if err != nil && isNoStatement(err) {
			err = exception.Validation("Invalid operation. Only select, insert, update and delete operations are valid")
		}
		if err == nil {
			statements = append(statements, b)
		} else if err := b.fail(err); err != nil {
			return nil, err
		}
	}
	return statements, nil
}

// onlyReads reports whether the statements read, if not all of them write.
func onlyReads(statements []*batchStatement) (bool, error) {
	selects := 0
	for _, b := range statements {
		if _, ok := b.Statement.(*partiql.Select); ok {
			selects++
		}
	}
	if selects != 0 && selects != len(statements) {
		return false, exception.Validation("Read and write requests together in the same batch is not supported.")
	}
	return selects > 0, nil
}

// identify finds the items that the statements are about, and refuses one that occurs
// twice.
func identify(tx *storage.Tx, statements []*batchStatement) error {
	items := distinct{}
	for _, b := range statements {
		d, err := tableFor(tx, b.Target().Table)
		if err == nil {
			b.key, err = b.itemKey(d)
		}
		if err != nil {
			if err := b.fail(err); err != nil {
				return err
			}
			continue
		}
		b.response.TableName = d.Name
		if items.add(d.Name, b.key) != nil {
			return errDuplicates
		}
	}
	return nil
}

// itemKey returns the key of the one item that a statement of a batch is about.
func (s *prepared) itemKey(d *table.Definition) (attribute.Item, error) {
	if statement, ok := s.Statement.(*partiql.Select); ok {
		key, single := s.single(d, statement)
		if !single {
			return nil, exception.Validation("Only single item select is supported")
		}
		return key, checkStatementKey(d, key)
	}
	w, err := s.write(d)
	if err != nil {
		return nil, err
	}
	if w.action == put {
		return keyOf(d, nil, w.item), nil
	}
	return w.key, nil
}

// single returns the key of the item that a SELECT names by nothing but its key.
func (s *prepared) single(d *table.Definition, statement *partiql.Select) (attribute.Item, bool) {
	if statement.Where == nil || statement.Source.Index != "" {
		return nil, false
	}
	key, complete, alone, err := s.key(d, statement.Where)
	return key, err == nil && complete && alone
}

// get makes the read of the item that a SELECT names.
func (s *prepared) get(d *table.Definition, key attribute.Item) (*get, error) {
	g := &get{tableName: d.Name, key: key}
	statement, ok := s.Statement.(*partiql.Select)
	if !ok || statement.Projection == nil {
		return g, nil
	}
	var err error
	g.projection, err = s.phrasing().projection(statement.Projection)
	return g, err
}

func readBatch(tx *storage.Tx, statements []*batchStatement, cost *meters) error {
	for _, b := range statements {
		if b.response.Error != nil {
			continue
		}
		d, err := tableFor(tx, b.Target().Table)
		if err != nil {
			return err
		}
		g, err := b.get(d, b.key)
		size := 0
		if err == nil {
			b.response.Item, size, err = g.from(tx, d)
		}
		if err != nil {
			if err := b.fail(err); err != nil {
				return err
			}
			continue
		}
		cost.of(d.Name).read(size, consistency(b.request.ConsistentRead))
	}
	return nil
}

// writeBatch performs the writes one by one: each may fail for itself.
func (s *Service) writeBatch(statements []*batchStatement, cost *meters) error {
	for _, b := range statements {
		if b.response.Error != nil {
			continue
		}
		done, err := s.executeWrite(b.prepared, returns(b.request.ReturnValuesOnConditionCheckFailure, "ALL_OLD"))
		if err != nil {
			if err := b.fail(err); err != nil {
				return err
			}
			continue
		}
		b.response.Item = done.returned
		cost.of(b.response.TableName).add(&done.cost)
	}
	return nil
}

// add adds what another meter has.
func (m *meter) add(other *meter) {
	m.table += other.table
	for _, of := range []struct{ to, from *map[string]float64 }{{&m.local, &other.local}, {&m.global, &other.global}} {
		for name, n := range *of.from {
			if *of.to == nil {
				*of.to = map[string]float64{}
			}
			(*of.to)[name] += n
		}
	}
}
