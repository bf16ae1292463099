package partiql

import "github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"

// A Statement is one of [*Select], [*Insert], [*Update], [*Delete] and [*Exists].
//
//sumtype:decl
type Statement interface {
	// Target is what the statement is about.
	Target() Source

	// Parameters is the number of question marks in the statement.
	Parameters() int

	sealedStatement()
}

// statement is what all statements have.
type statement struct {
	Source     Source
	parameters int
}

func (s *statement) Target() Source  { return s.Source }
func (s *statement) Parameters() int { return s.parameters }

func (*Select) sealedStatement() {}
func (*Insert) sealedStatement() {}
func (*Update) sealedStatement() {}
func (*Delete) sealedStatement() {}
func (*Exists) sealedStatement() {}

// A Source is a table, or one of its indexes. Their names are not checked.
type Source struct{ Table, Index string }

// A Select reads items.
type Select struct {
	statement

	Projection []Path // nil: everything
	Where      Expr   // nil: no condition
	OrderBy    []Order
}

// An Order is one term of ORDER BY.
type Order struct {
	Attribute  string
	Descending bool
}

// An Insert puts an item that must not exist.
type Insert struct {
	statement

	Item *Struct // its attributes are *Literal or *Parameter
}

// An Update changes one item that must exist.
type Update struct {
	statement

	Actions   []Action
	Where     Expr // nil: no condition
	Returning Returning
}

// An Action changes one attribute.
type Action struct {
	Kind   ActionKind
	Target Path
	Value  Expr     // nil for ActionRemove
	At     Position // of what is added to or deleted from, for messages
}

// An ActionKind is what an action does.
type ActionKind int

// The actions. ActionAdd and ActionDelete come from SET a = set_add(a, …) and
// SET a = set_delete(a, …): they do what ADD and DELETE do in an update expression.
const (
	ActionSet ActionKind = iota
	ActionRemove
	ActionAdd
	ActionDelete
)

// A Delete removes one item.
type Delete struct {
	statement

	Where     Expr // nil: no condition
	Returning Returning
}

// Exists is a condition on one item within a transaction.
type Exists struct {
	statement

	Where Expr // nil: no condition
}

// Returning is what RETURNING asks for, in the words of ReturnValues.
type Returning string

// The values of Returning.
const (
	ReturningNothing     Returning = "NONE"
	ReturningAllOld      Returning = "ALL_OLD"
	ReturningAllNew      Returning = "ALL_NEW"
	ReturningModifiedOld Returning = "UPDATED_OLD"
	ReturningModifiedNew Returning = "UPDATED_NEW"
)

// A Path is a document path. Its first element is a name.
type Path []Element

// An Element is a name, or the index in a list.
type Element struct {
	Name    string
	Index   int
	IsIndex bool
}

// An Expr is an expression of WHERE, SET or INSERT, of those kinds only that DynamoDB
// knows: one of [*Reference], [*Literal], [*Parameter], [*Operation], [*Call], [*Is],
// [*Struct].
//
//sumtype:decl
type Expr interface {
	// At is where the expression stands: an operation at its operator.
	At() Position

	sealedExpr()
}

type expr struct{ at Position }

func (e *expr) At() Position { return e.at }
func (e *expr) sealedExpr()  {}

type (
	// A Reference is the value at a path.
	Reference struct {
		expr

		Path Path
	}

	// A Literal is a value that is written in the statement.
	Literal struct {
		expr

		Value attribute.Value
	}

	// A Parameter is a question mark.
	Parameter struct {
		expr

		Index int // from zero
	}

	// An Operation is an operator with its operands. Operators are "and", "or", "not",
	// "=", "<>", "<", "<=", ">", ">=", "in" (the first operand in the others), "between"
	// (three operands), "+" and "-".
	Operation struct {
		expr

		Operator string
		Operands []Expr
	}

	// A Call is a function with its arguments. Names are in lower case.
	Call struct {
		expr

		Function  string
		Arguments []Expr
	}

	// Is tests a type. The type is one of DynamoDB's, TypeMissing, or for numbers
	// attribute.TypeNumber.
	Is struct {
		expr

		Operand Expr
		Type    attribute.Type
		Not     bool
	}

	// A Struct is what INSERT puts: attributes whose values may be parameters.
	Struct struct {
		expr

		Names  []string
		Values []Expr
	}
)

// TypeMissing is the type of what is not there.
const TypeMissing attribute.Type = "MISSING"
