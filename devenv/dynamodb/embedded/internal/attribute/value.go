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

// A set has no duplicates, is never empty, and keeps the order in which it came, which
// means nothing.
type (
	// A String is text in UTF-8.
	String string

	// A Number is a decimal in DynamoDB's normal form: no exponent, no leading or
	// trailing zeros, no plus sign, "0" for zero. It is made by ParseNumber and by
	// arithmetic. Equal numbers are equal strings.
	Number string

	// A Binary is bytes, in base64 on the wire.
	Binary []byte

	// A Boolean is true or false.
	Boolean bool

	// A Null is the one value of its type.
	Null struct{}

	// A List is values of any types.
	List []Value

	// A Map is named values of any types.
	Map map[string]Value

	// A StringSet is a set of texts.
	StringSet []string

	// A NumberSet is a set of numbers.
	NumberSet []Number

	// A BinarySet is a set of bytes.
	BinarySet [][]byte
)

// An Item is a set of named values: a row of a table.
type Item = Map

// Type returns TypeString.
func (String) Type() Type { return TypeString }

// Type returns TypeNumber.
func (Number) Type() Type { return TypeNumber }

// Type returns TypeBinary.
func (Binary) Type() Type { return TypeBinary }

// Type returns TypeBoolean.
func (Boolean) Type() Type { return TypeBoolean }

// Type returns TypeNull.
func (Null) Type() Type { return TypeNull }

// Type returns TypeList.
func (List) Type() Type { return TypeList }

// Type returns TypeMap.
func (Map) Type() Type { return TypeMap }

// Type returns TypeStringSet.
func (StringSet) Type() Type { return TypeStringSet }

// Type returns TypeNumberSet.
func (NumberSet) Type() Type { return TypeNumberSet }

// Type returns TypeBinarySet.
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
