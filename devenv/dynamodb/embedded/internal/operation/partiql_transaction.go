package operation

import (
	"errors"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/partiql"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/storage"
)

type executeTransactionInput struct {
	TransactStatements     repeatable[statementInput] `json:"TransactStatements"`
	ClientRequestToken     *string                    `json:"ClientRequestToken"`
	ReturnConsumedCapacity *string                    `json:"ReturnConsumedCapacity"`
}

type executeTransactionOutput struct {
	Responses        []itemResponse      `json:"Responses"` // of reads; empty for writes
	ConsumedCapacity []*consumedCapacity `json:"ConsumedCapacity,omitzero"`
}

func (s *Service) executeTransaction(_ *Call, in *executeTransactionInput) (*executeTransactionOutput, error) {
	if err := in.constrain(); err != nil {
		return nil, err
	}
	statements, err := in.parse()
	if err != nil {
		return nil, err
	}
	selectEnum := 0
	for _, p := range statements {
		if _, ok := p.Statement.(*partiql.Select); ok {
			selectEnum++
		}
	}
	switch selectEnum {
	case 0:
		return s.writeTransaction(in, statements)
	case len(statements):
		return s.readTransaction(in, statements)
	default:
		return nil, exception.Validation("ExecuteTransaction API does not support both read and write operations in the same request.")
	}
}

func (in *executeTransactionInput) constrain() error {
	var c constraints
	statements := in.TransactStatements.items
	if c.required("transactStatements", statements != nil) {
		c.size("transactStatements", text("[]"), len(statements), 1, maxTransaction)
	}
	for i := range statements {
		statements[i].constrain(&c, memberPath("transactStatements", i)+".")
	}
	c.length("clientRequestToken", in.ClientRequestToken, 1, 36)
	c.enum("returnConsumedCapacity", in.ReturnConsumedCapacity, returnConsumedCapacityEnum...)
	return c.err()
}

func (in *executeTransactionInput) parse() ([]*prepared, error) {
	var out []*prepared
	for i, statement := range in.TransactStatements.items {
		parameters, err := parametersOf(statement.Parameters)
		if err != nil {
			return nil, err
		}
		parsed, err := partiql.Parse(*statement.Statement)
		if err != nil {
			return nil, inTransaction(i, err)
		}
		p, err := prepare(parsed, parameters)
		if err == nil {
			err = p.checkInTransaction()
		}
		if err != nil {
			return nil, inTransaction(i, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// inTransaction says which statement is wrong, except where it is no statement at all.
func inTransaction(i int, err error) error {
	e := exception.Of(err)
	switch {
	case e.Name != exception.ValidationName, strings.HasPrefix(e.Message, "Statement wasn't well formed"):
		return err
	case errors.Is(err, partiql.ErrExists), isNoStatement(err):
		return errUnsupportedInTransaction
	default:
		return exception.Validation("Validation failed in TransactStatements[%d]: %s", i, e.Message)
	}
}

// isNoStatement reports whether an error is about PartiQL that is no statement.
func isNoStatement(err error) bool {
	return strings.HasPrefix(exception.Of(err).Message, "Unsupported operation: ")
}

// checkInTransaction refuses what a statement may not have in a transaction.
func (s *prepared) checkInTransaction() error {
	if s.returning() != partiql.ReturningNothing {
		return exception.Validation("RETURNING clause is not supported in ExecuteTransaction.")
	}
	if s.Target().Index == "" {
		return nil
	}
	if _, ok := s.Statement.(*partiql.Select); ok {
		return exception.Validation("Reads on indices are not supported within transactions.")
	}
	return exception.Validation("Operations on indices are not supported in transactions")
}

func (s *Service) readTransaction(in *executeTransactionInput, statements []*prepared) (*executeTransactionOutput, error) {
	out := &executeTransactionOutput{Responses: make([]itemResponse, len(statements))}
	err := s.db.View(func(tx *storage.Tx) error {
		keys, err := selectedKeys(tx, statements)
		if err != nil {
			return err
		}
		var cost meters
		cancelled := newCancellation(len(statements))
		read := 0
		for i, p := range statements {
			d, err := tableFor(tx, p.Target().Table)
			if err != nil {
				return err
			}
			size := 0
			err = checkStatementKey(d, keys[i])
			if err == nil {
				out.Responses[i].Item, size, err = p.readIn(tx, keys[i])
			}
			if err != nil {
				if err := cancelled.add(i, err); err != nil {
					return err
				}
				continue
			}
			cost.of(d.Name).read(size, transactional)
			if read += size; read > maxTransactionBytes {
				return exception.Validation("Transaction payload size cannot exceed 4MB. Payload Size: %d", read)
			}
		}
		out.ConsumedCapacity = cost.consumed(reads, in.ReturnConsumedCapacity)
		return cancelled.err()
	})
	return out, err
}

// selectedKeys returns the keys that the SELECTs of a transaction name.
func selectedKeys(tx *storage.Tx, statements []*prepared) ([]attribute.Item, error) {
	keys := make([]attribute.Item, len(statements))
	items := distinct{}
	for i, p := range statements {
		statement, ok := p.Statement.(*partiql.Select)
		if !ok {
			return nil, errUnsupportedInTransaction
		}
		d, err := tableFor(tx, statement.Source.Table)
		if err != nil {
			return nil, err
		}
		if keys[i], ok = p.single(d, statement); !ok {
			return nil, inTransaction(i, exception.Validation(
				"Select statements within ExecuteTransaction must specify the primary key in the where clause."))
		}
		if err := items.add(d.Name, keys[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func (s *prepared) readIn(tx *storage.Tx, key attribute.Item) (rawAttributes, int, error) {
	d, err := tableFor(tx, s.Target().Table)
	if err != nil {
		return nil, 0, err
	}
	g, err := s.get(d, key)
	if err != nil {
		return nil, 0, err
	}
	return g.from(tx, d)
}

func (s *Service) writeTransaction(in *executeTransactionInput, statements []*prepared) (*executeTransactionOutput, error) {
	t := &transaction{}
	err := s.db.View(func(tx *storage.Tx) error {
		cancelled := newCancellation(len(statements))
		for i, p := range statements {
			d, err := tableFor(tx, p.Target().Table)
			if err != nil {
				return err
			}
			w, err := p.write(d)
			if err != nil {
				if _, ok := errors.AsType[*phrasingError](err); ok {
					return inTransaction(i, err)
				}
				if err := cancelled.add(i, err); err != nil {
					return err
				}
				continue
			}
			w.showOld = returns(in.TransactStatements.items[i].ReturnValuesOnConditionCheckFailure, "ALL_OLD")
			t.writes, t.names = append(t.writes, w), append(t.names, d.Name)
		}
		return cancelled.err()
	})
	if err != nil {
		return nil, err
	}
	if in.ClientRequestToken != nil {
		t.token, t.fingerprint = *in.ClientRequestToken, in.TransactStatements.fingerprint()
	}
	if err := s.transact(t); err != nil {
		return nil, err
	}
	return &executeTransactionOutput{
		Responses:        []itemResponse{},
		ConsumedCapacity: t.cost.consumed(t.kind, in.ReturnConsumedCapacity),
	}, nil
}
