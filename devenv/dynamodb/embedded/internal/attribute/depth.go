package attribute

import "github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"

// maxContainers is how many lists and maps may be within each other. With the scalar in
// the innermost these are the documented 32 levels; DynamoDB Local counts so.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-attributes
const maxContainers = 31

var errTooDeep = exception.Validation("Nesting Levels have exceeded supported limits: " +
	"Attributes in the item have nested levels beyond supported limit")

// CheckDepth refuses an item with a value of too many levels: an update can make one of
// values that are not.
func CheckDepth(item Item) error {
	for _, v := range item {
		if containers(v) > maxContainers {
			return errTooDeep
		}
	}
	return nil
}

// containers returns how many lists and maps are within each other.
func containers(v Value) int {
	deepest := 0
	switch v := v.(type) {
	case List:
		for _, element := range v {
			deepest = max(deepest, containers(element))
		}
	case Map:
		for _, element := range v {
			deepest = max(deepest, containers(element))
		}
	default:
		return 0
	}
	return deepest + 1
}
