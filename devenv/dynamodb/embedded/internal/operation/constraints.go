package operation

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// constraints collects what a request violates of its operation's model: DynamoDB tells
// of all such violations at once, before it looks at anything else.
//
// Members are named by their path on the wire with a small first letter: keySchema,
// attributeDefinitions.1.member.attributeName.
type constraints struct {
	violations []string
}

// The most violations that one answer lists.
const maxViolations = 10

// err returns the ValidationException, or nil.
func (c *constraints) err() error {
	if len(c.violations) == 0 {
		return nil
	}
	plural := "s"
	if len(c.violations) == 1 {
		plural = ""
	}
	return exception.Validation("%d validation error%s detected: %s",
		len(c.violations), plural, strings.Join(c.violations, "; "))
}

// violated notes a violation. A value is printed as Java's toString would.
func (c *constraints) violated(member string, value fmt.Stringer, constraint string) {
	if len(c.violations) >= maxViolations {
		return
	}
	text := "null"
	if value != nil {
		text = "'" + value.String() + "'"
	}
	c.violations = append(c.violations,
		"Value "+text+" at '"+member+"' failed to satisfy constraint: "+constraint)
}

// text is a string as a violation shows it.
type text string

func (t text) String() string { return string(t) }

// required notes a member that must not be null and is.
func (c *constraints) required(member string, isSet bool) bool {
	if !isSet {
		c.violated(member, nil, "Member must not be null")
	}
	return isSet
}

// enum notes a value that is none of the allowed, which are listed in the model's order.
func (c *constraints) enum(member string, value *string, allowed ...string) {
	if value != nil && !slices.Contains(allowed, *value) {
		c.violated(member, text(*value), "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
	}
}

// minimum and maximum note a number out of range.
func (c *constraints) minimum(member string, value *int64, least int64) {
	if value != nil && *value < least {
		c.violated(member, text(strconv.FormatInt(*value, 10)),
			fmt.Sprintf("Member must have value greater than or equal to %d", least))
	}
}

func (c *constraints) maximum(member string, value *int64, most int64) {
	if value != nil && *value > most {
		c.violated(member, text(strconv.FormatInt(*value, 10)),
			fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
}

// length notes a string that is too short or too long, in characters.
func (c *constraints) length(member string, value *string, least, most int) {
	if value != nil {
		c.size(member, text(*value), len([]rune(*value)), least, most)
	}
}

// size notes a list, map or string with too few or too many members. shown is how a
// violation prints it.
func (c *constraints) size(member string, shown fmt.Stringer, n, least, most int) {
	if n < least {
		c.violated(member, shown, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	}
	if n > most {
		c.violated(member, shown, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

// pattern notes a string that does not match the whole of a pattern.
func (c *constraints) pattern(member string, value *string, expression *regexp.Regexp, shown string) {
	if value != nil && !expression.MatchString(*value) {
		c.violated(member, text(*value), "Member must satisfy regular expression pattern: "+shown)
	}
}

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)

// indexName applies the constraints of an index's name.
func (c *constraints) indexName(member string, value *string) {
	c.pattern(member, value, namePattern, "[a-zA-Z0-9_.-]+")
	c.length(member, value, 3, 255)
}

// tableName applies the constraints of a table's name where an ARN may stand for it; what
// else a name must be, [tableNamed] says.
func (c *constraints) tableName(member string, value *string) {
	if c.required(member, value != nil) {
		c.length(member, value, 1, 1024)
	}
}

// The enumerations that several operations have, in the model's order.
var (
	returnConsumedCapacityEnum      = []string{"INDEXES", "TOTAL", "NONE"}
	returnItemCollectionMetricsEnum = []string{"SIZE", "NONE"}
	returnValuesEnum                = []string{"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"}
	returnValuesOnFailureEnum       = []string{"ALL_OLD", "NONE"}
	conditionalOperatorEnum         = []string{"OR", "AND"}
	selectEnum                      = []string{"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"}
	comparisonOperatorEnum          = []string{
		"IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE", "CONTAINS",
	}
)

// memberPath names the i-th member of a list, which Java counts from 1.
func memberPath(list string, i int) string {
	return list + "." + strconv.Itoa(i+1) + ".member"
}
