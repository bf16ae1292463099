package operation

import (
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/attribute"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/expression"
	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/table"
)

// maxItem is how large an item may be, in bytes.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxItem = 400 * 1024

var errKeyMismatch = exception.Validation("The provided key element does not match the schema")

// checkKey checks the Key of a request against the table's.
func checkKey(d *table.Definition, key attribute.Item) error {
	names := d.Key.Names()
	if len(key) != len(names) {
		return errKeyMismatch
	}
	for _, name := range names {
		if err := checkKeyValue(d, name, key[name], name == d.Key.Partition); err != nil {
			return err
		}
	}
	return nil
}

// checkKeyValue checks one value of a key that stands alone, not in an item.
func checkKeyValue(d *table.Definition, name string, value attribute.Value, partition bool) error {
	if value == nil || value.Type() != d.AttributeType(name) {
		return errKeyMismatch
	}
	if kind := emptyKind(value); kind != "" {
		return exception.Validation("One or more parameter values are not valid. "+
			"The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", kind, name)
	}
	return checkKeySize(value, partition)
}

func checkKeySize(value attribute.Value, partition bool) error {
	size := attribute.Size(value)
	switch {
	case value.Type() == attribute.TypeNumber:
		return nil
	case partition && size > table.MaxPartitionKey:
		// The missing space is DynamoDB's.
		return exception.InvalidParameter("Size of hashkey has exceeded the maximum size limit of%d bytes", table.MaxPartitionKey)
	case !partition && size > table.MaxSortKey:
		return exception.InvalidParameter("Aggregated size of all range keys has exceeded the size limit of %d bytes", table.MaxSortKey)
	}
	return nil
}

// emptyKind says what a value is empty of, or "".
func emptyKind(value attribute.Value) string {
	switch v := value.(type) {
	case attribute.String:
		if v == "" {
			return "string"
		}
	case attribute.Binary:
		if len(v) == 0 {
			return "binary"
		}
	default:
	}
	return ""
}

// checkItem checks an item that is to be put: its key, and what it has of the indexes' keys.
func checkItem(d *table.Definition, item attribute.Item) error {
	for _, name := range d.Key.Names() {
		value, ok := item[name]
		if !ok {
			return exception.InvalidParameter("Missing the key %s in the item", name)
		}
		if want := d.AttributeType(name); value.Type() != want {
			return exception.InvalidParameter("Type mismatch for key %s expected: %s actual: %s", name, want, value.Type())
		}
		if err := checkKeyValue(d, name, value, name == d.Key.Partition); err != nil {
			return err
		}
	}
	return eachIndexKey(d, func(index *table.Index, name string) error {
		value, ok := item[name]
		if !ok {
			return nil
		}
		if err := checkIndexKeyType(d, index, name, value); err != nil {
			return err
		}
		if kind := emptyKind(value); kind != "" {
			return exception.Validation("One or more parameter values are not valid. "+
				"A value specified for a secondary index key is not supported. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s",
				kind, index.Name, name)
		}
		return checkKeySize(value, name == index.Key.Partition)
	})
}

// checkUpdated checks the indexes' keys of an item that an update has made. before is the
// item as it was: what the update left alone is not its fault.
func checkUpdated(d *table.Definition, before, after attribute.Item) error {
	return eachIndexKey(d, func(index *table.Index, name string) error {
		value, ok := after[name]
		if !ok {
			return nil
		}
		if old, ok := before[name]; ok && attribute.Equal(old, value) {
			return nil
		}
		if err := checkIndexKeyType(d, index, name, value); err != nil {
			return err
		}
		if kind := emptyKind(value); kind != "" {
			return exception.Validation("One or more parameter values are not valid. "+
				"The update expression attempted to update a secondary index key to a value that is not supported. "+
				"The AttributeValue for a key attribute cannot contain an empty %s value.", kind)
		}
		if checkKeySize(value, name == index.Key.Partition) != nil {
			return exception.InvalidParameter("The update expression attempted to update the secondary index key beyond allowed size limits")
		}
		return nil
	})
}

func checkIndexKeyType(d *table.Definition, index *table.Index, name string, value attribute.Value) error {
	want := d.AttributeType(name)
	if value.Type() == want {
		return nil
	}
	return exception.InvalidParameter("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s",
		name, want, value.Type(), index.Name)
}

// eachIndexKey calls check for each key attribute of each index that is no key attribute
// of the table, until it fails. Global indexes come first, as in DynamoDB.
func eachIndexKey(d *table.Definition, check func(index *table.Index, name string) error) error {
	for _, indexes := range [][]table.Index{d.Global, d.Local} {
		for i := range indexes {
			for _, name := range indexes[i].Key.Names() {
				if d.Key.Has(name) {
					continue
				}
				if err := check(&indexes[i], name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// checkPaths refuses document paths into key attributes, which are scalars.
func checkPaths(d *table.Definition, paths []expression.Path) error {
	for _, path := range paths {
		if len(path) < 2 {
			continue
		}
		name := path[0].Name
		if d.Key.Has(name) {
			return exception.Validation("Key attributes must be scalars; "+
				"list random access '[]' and map lookup '.' are not allowed: Key: %s", name)
		}
		err := eachIndexKey(d, func(_ *table.Index, key string) error {
			if key == name {
				return exception.Validation("Key attributes must be scalars; "+
					"list random access '[]' and map lookup '.' are not allowed: IndexKey: %s", name)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
