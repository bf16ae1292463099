package partiql

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// translateItem reads what INSERT puts. Parameters may stand only here, at the top.
func translateItem(n *node) (*Struct, error) {
	s := &Struct{expr: expr{at: n.at}}
	err := eachMember(n, "root", func(name string, value *node) error {
		s.Names = append(s.Names, name)
		var e Expr
		switch value.kind {
		case nodeParameter:
			e = &Parameter{expr: expr{at: value.at}, Index: value.number}
		case nodeIdentifier, nodeOperator, nodeCall, nodeAggregate:
			return unsupported(value.text, "root", value)
		default:
			v, err := translateValue(value, "root")
			if err != nil {
				return err
			}
			e = &Literal{expr: expr{at: value.at}, Value: v}
		}
		s.Values = append(s.Values, e)
		return nil
	})
	return s, err
}

// eachMember calls visit for each member of a structure, whose names must be strings that
// occur once.
func eachMember(n *node, key string, visit func(name string, value *node) error) error {
	seen := map[string]bool{}
	for i := 0; i < len(n.children); i += 2 {
		name, value := n.children[i], n.children[i+1]
		if name.kind != nodeString {
			kind := operationNames[name.kind]
			if name.kind == nodeOperator || name.kind == nodeCall {
				kind = "NAry"
			}
			return exception.Validation("Tuple keys must be of type String. Actual type: %s under %s%s", kind, key, place(name.at))
		}
		if seen[name.text] {
			return exception.Validation("Duplicate keys in tuple. Key: %s under %s%s", name.text, key, place(name.at))
		}
		seen[name.text] = true
		if err := visit(name.text, value); err != nil {
			return err
		}
	}
	return nil
}

// translateValue reads a literal. key is its place within the outermost one.
func translateValue(n *node, key string) (attribute.Value, error) {
	switch n.kind {
	case nodeString:
		return attribute.String(n.text), nil
	case nodeNumber:
		return translateNumber(n.text)
	case nodeBoolean:
		return attribute.Boolean(n.text == "true"), nil
	case nodeNull:
		return attribute.Null{}, nil
	case nodeBag:
		return translateBag(n)
	case nodeList:
		list := make(attribute.List, 0, len(n.children))
		for i, child := range n.children {
			v, err := translateValue(child, key+"."+strconv.Itoa(i))
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case nodeStruct:
		m := attribute.Map{}
		return m, eachMember(n, key, func(name string, value *node) (err error) {
			m[name], err = translateValue(value, key+"."+name)
			return err
		})
	case nodeMissing:
		return nil, unsupported("MISSING", key, n)
	case nodeIon:
		return nil, exception.Validation("Ion Literals are not supported: %s under key %s%s", ionType(n.text), key, place(n.at))
	case nodeOperator, nodeCall:
		return nil, unsupported("NAry", key, n)
	default:
		return nil, unsupported(operationNames[n.kind], key, n)
	}
}

// maxDigits is how many significant digits a number may have.
const maxDigits = 38

// translateNumber reads a number. Of too many digits PartiQL speaks in its own words.
func translateNumber(text string) (attribute.Number, error) {
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	if len(strings.Trim(strings.Replace(strings.TrimPrefix(mantissa, "-"), ".", "", 1), "0")) > maxDigits {
		return "", exception.Validation("DynamoDB only supports precision up to 38 digits")
	}
	return attribute.ParseNumber(text)
}

func unsupported(what, key string, n *node) error {
	return exception.Validation("Unsupported data type: %s under key %s%s", what, key, place(n.at))
}

// translateBag makes a set, of strings or of numbers.
func translateBag(n *node) (attribute.Value, error) {
	if len(n.children) == 0 {
		return nil, exception.Validation("Empty bags are not supported%s", place(n.at))
	}
	k := n.children[0].kind
	if k != nodeNumber {
		k = nodeString
	}
	var texts attribute.StringSet
	var numbers attribute.NumberSet
	for _, child := range n.children {
		if child.kind != k {
			return nil, exception.Validation("Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags%s", place(child.at))
		}
		if k == nodeString {
			if slices.Contains(texts, child.text) {
				return nil, errDuplicates
			}
			texts = append(texts, child.text)
			continue
		}
		number, err := translateNumber(child.text)
		if err != nil {
			return nil, err
		}
		if slices.Contains(numbers, number) {
			return nil, errDuplicates
		}
		numbers = append(numbers, number)
	}
	if k == nodeString {
		return texts, nil
	}
	return numbers, nil
}

var errDuplicates = exception.Validation("Input collection contains duplicates")
