package console

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// masked stands where a credential was.
const masked = "••••"

// secretNames tells a header, a field or a parameter by its name: those of HTTP, of AWS
// and of most services in between. An Idempotency-Key and a cursor are none.
var secretNames = regexp.MustCompile(`(?i)authorization|cookie|credential|passw|secret|signature|api-?_?key|access-?_?key|session-?_?id|(^|[-_])(token|jwt|auth)$|(security|access|refresh|session|auth|csrf|xsrf|id|api)[-_]?token`)

// A secretText is a credential within a text, which its shape or its name tells. What is
// around it stays, so that JSON stays JSON.
type secretText struct {
	// hints are what a text has to contain, in lower case, for the shape to be searched:
	// most texts have none, and that is found many times as fast. nil is a field's name.
	hints []string
	shape *regexp.Regexp
	with  []byte
}

// fieldHints are in every one of secretFields.
var fieldHints = []string{
	"authorization", "cookie", "credential", "passw", "secret", "signature", "session", "jwt",
	"api_key", "api-key", "apikey", "access_key", "access-key", "accesskey", "private_key", "private-key", "privatekey",
}

// namesField reports whether a field's name may be in a text in lower case. Each write of
// the service has a ClientRequestToken, which is none.
func namesField(lower []byte) bool {
	for _, hint := range fieldHints {
		if bytes.Contains(lower, []byte(hint)) {
			return true
		}
	}
	for rest := lower; ; {
		i := bytes.Index(rest, []byte("token"))
		if i < 0 {
			return false
		}
		if !bytes.HasSuffix(rest[:i], []byte("clientrequest")) {
			return true
		}
		rest = rest[i+len("token"):]
	}
}

// secretFields are the names of fields of which the values are credentials. A token is one
// where that is its name, and not what DynamoDB calls a ClientRequestToken.
const secretFields = `(?i:authorization|cookies?|credentials?|passw(?:or)?d|passwd|secret(?:[-_]?(?:access)?[-_]?key)?|signature|(?:api|access|private|secret)[-_]?key(?:[-_]?id)?|session[-_]?id|jwt|(?:\b|_|-)(?:(?:security|access|refresh|session|auth|csrf|xsrf|id|api)[-_]?)?token|(?:Security|Session|Access|Refresh)Token)`

var secretTexts = []secretText{
	{[]string{"private key"}, regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]*PRIVATE KEY-----|"|\z)`), []byte(masked)},
	// A key of AWS, also one that the end of what is kept has cut.
	{[]string{"akia", "asia"}, regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z0-9]{2,}`), []byte(masked)},
	{[]string{"eyj"}, regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)*`), []byte(masked)},
	{[]string{"authorization"}, regexp.MustCompile(`(?i)\b(authorization\\*"?\s*[:=]\s*\\*"?)[^"'\\\r\n]+`), []byte("${1}" + masked)},
	{[]string{"bearer"}, regexp.MustCompile(`(?i)\b(bearer(?: +|%20|\+))[A-Z0-9._~+/=-]{8,}`), []byte("${1}" + masked)},
	{[]string{"basic"}, regexp.MustCompile(`(?i)\b(basic(?: +|%20|\+))[A-Z+/]*[0-9=][A-Z0-9+/=]*`), []byte("${1}" + masked)},
	{[]string{"aws4-hmac"}, regexp.MustCompile(`(?i)\b(aws4-hmac-sha256)\b[^"'\\\r\n]*`), []byte("${1} " + masked)},
	{[]string{"://"}, regexp.MustCompile(`(://[^/\s:@"]*:)[^/\s@"]+@`), []byte("${1}" + masked + "@")},
	// "name": "value", "name": {"S": "value"} and name="value"; the same within a string
	// of JSON, and within one in that; name='value'; and name=value.
	{nil, regexp.MustCompile(`(` + secretFields + `"?\s*[:=]\s*(?:\{\s*"S"\s*:\s*)?")(?:[^"\\]|\\[\s\S])*("|\\?\z)`), []byte("${1}" + masked + "${2}")},
	{nil, regexp.MustCompile(`(` + secretFields + `(?:\\")?\s*[:=]\s*(?:\{\s*\\"S\\"\s*:\s*)?\\")(?:[^"\\]|\\\\\\"|\\[^"])*(\\"|"|\\?\z)`), []byte("${1}" + masked + "${2}")},
	{nil, regexp.MustCompile(`(` + secretFields + `\\{2,}"\s*[:=]\s*(?:\{\s*\\+"S\\+"\s*:\s*)?\\{2,}")[^"\\]*(?:\\+[^"\\]+)*(\\*"|\\*\z)`), []byte("${1}" + masked + "${2}")},
	{nil, regexp.MustCompile(`(` + secretFields + `\s*[:=]\s*')[^']*('|\z)`), []byte("${1}" + masked + "${2}")},
	{[]string{"cookie"}, regexp.MustCompile(`(?i)(\bcookie\s*[:=]\s*)[^"'\r\n]+`), []byte("${1}" + masked)},
	{nil, regexp.MustCompile(`(` + secretFields + `(?:\\?")?\s*[:=]\s*)[^\s"'\\,;&{}\[\]]+`), []byte("${1}" + masked)},
}

// A mask takes credentials out of what is recorded, before it is.
type mask struct {
	literal [][]byte // known ones, such as those of the developer's own environment
}

// shortest is as short as a known credential may be: a shorter one ("local") is none, and
// would be found everywhere.
const shortest = 12

func newMask(secrets []string) mask {
	var m mask
	for _, secret := range secrets {
		if len(secret) >= shortest {
			m.literal = append(m.literal, []byte(secret))
		}
	}
	return m
}

func (m mask) bytes(text []byte) []byte {
	for _, secret := range m.literal {
		if bytes.Contains(text, secret) {
			text = bytes.ReplaceAll(text, secret, []byte(masked))
		}
	}
	lower := bytes.ToLower(text)
	field := namesField(lower)
	for _, secret := range secretTexts {
		search := field
		if secret.hints != nil {
			search = slices.ContainsFunc(secret.hints, func(hint string) bool { return bytes.Contains(lower, []byte(hint)) })
		}
		if search {
			text = secret.shape.ReplaceAll(text, secret.with)
		}
	}
	return text
}

func (m mask) text(text string) string { return string(m.bytes([]byte(text))) }

// headers are the header's fields in a fixed order.
func (m mask) headers(header http.Header) [][2]string {
	fields := make([][2]string, 0, len(header))
	for name, values := range header {
		for _, value := range values {
			if secretNames.MatchString(name) {
				value = masked
			}
			fields = append(fields, [2]string{name, m.text(value)})
		}
	}
	slices.SortStableFunc(fields, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
	return fields
}

// target masks the query of a path by the names of its parameters, and leaves it otherwise
// as the client wrote it.
func (m mask) target(target string) string {
	path, query, has := strings.Cut(target, "?")
	if !has {
		return m.text(path)
	}
	parameters := strings.Split(query, "&")
	for i, parameter := range parameters {
		name, _, valued := strings.Cut(parameter, "=")
		if plain, err := url.QueryUnescape(name); valued && (err != nil || secretNames.MatchString(plain)) {
			parameters[i] = name + "=" + masked
		}
	}
	return m.text(path + "?" + strings.Join(parameters, "&"))
}
