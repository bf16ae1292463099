// Package attribute holds DynamoDB's data: the ten types of values, items, their numbers,
// sizes, order, and their form on the wire (which is also the form in which items are
// stored). It knows neither tables nor expressions. Read value.go first.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
package attribute

// A Type is the descriptor of a value's type on the wire.
type Type string

// The ten types.
const (
	TypeString    Type = "S"
	TypeNumber    Type = "N"
	TypeBinary    Type = "B"
	TypeBoolean   Type = "BOOL"
	TypeNull      Type = "NULL"
	TypeList      Type = "L"
	TypeMap       Type = "M"
	TypeStringSet Type = "SS"
	TypeNumberSet Type = "NS"
	TypeBinarySet Type = "BS"
)

// A Value is an attribute value. Values are immutable: whoever changes one makes a new one.
//
//sumtype:decl
type Value interface {
	Type() Type

	sealed()
}

// The values. A set has no duplicates, is never empty, and keeps the order in which it
// came, which means nothing.
type (
	String    string
	Binary    []byte
	Boolean   bool
	Null      struct{}
	List      []Value
	Map       map[string]Value
	StringSet []string
	NumberSet []Number
	BinarySet [][]byte

	// A Number is a decimal in DynamoDB's normal form: no exponent, no leading or
	// trailing zeros, no plus sign, "0" for zero. It is made by ParseNumber and by
	// arithmetic. Equal numbers are equal strings.
	Number string
)

// An Item is a set of named values: a row of a table.
type Item = Map

func (String) Type() Type    { return TypeString }
func (Number) Type() Type    { return TypeNumber }
func (Binary) Type() Type    { return TypeBinary }
func (Boolean) Type() Type   { return TypeBoolean }
func (Null) Type() Type      { return TypeNull }
func (List) Type() Type      { return TypeList }
func (Map) Type() Type       { return TypeMap }
func (StringSet) Type() Type { return TypeStringSet }
func (NumberSet) Type() Type { return TypeNumberSet }
func (BinarySet) Type() Type { return TypeBinarySet }

func (String) sealed()    {}
func (Number) sealed()    {}
func (Binary) sealed()    {}
func (Boolean) sealed()   {}
func (Null) sealed()      {}
func (List) sealed()      {}
func (Map) sealed()       {}
func (StringSet) sealed() {}
func (NumberSet) sealed() {}
func (BinarySet) sealed() {}
