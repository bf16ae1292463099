package telemetry

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
)

// masked stands for what is not written.
const masked = "[redacted]"

// redact is the last look at what is about to be written, wherever it comes from: the
// service logs no secret, and an error of a library, a panic or tomorrow's line may. It
// masks by the attribute's name, and within texts what has the form of a credential.
//
// slog calls it for every attribute, that of a group with the groups that it is in, after
// LogValuer.
func redact(groups []string, attr slog.Attr) slog.Attr {
	switch {
	case !fieldNames[attr.Key] && isSecret(attr.Key), slices.ContainsFunc(groups, isSecret):
		return slog.String(attr.Key, masked)
	case attr.Value.Kind() == slog.KindString:
		if text := attr.Value.String(); suspicious(text) {
			return slog.String(attr.Key, scrub(text))
		}
	case attr.Value.Kind() == slog.KindAny:
		return redactAny(attr)
	}
	return attr
}

// redactAny looks into errors, and into what would be written as JSON.
func redactAny(attr slog.Attr) slog.Attr {
	switch value := attr.Value.Any().(type) {
	case slog.Level: // slog's own
		return attr
	case error:
		return slog.String(attr.Key, scrub(value.Error()))
	case fmt.Stringer:
		return slog.String(attr.Key, scrub(value.String()))
	default:
		var generic any
		content, err := json.Marshal(value)
		if err == nil {
			err = json.Unmarshal(content, &generic)
		}
		if err != nil {
			return slog.String(attr.Key, scrub(fmt.Sprintf("%+v", value)))
		}
		return slog.Any(attr.Key, redactTree(generic))
	}
}

func redactTree(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if isSecret(name) {
				value[name] = masked
				continue
			}
			value[name] = redactTree(member)
		}
	case []any:
		for i, element := range value {
			value[i] = redactTree(element)
		}
	case string:
		return scrub(value)
	}
	return value
}

// secretWords are in the names of what is secret, or lets one act in another's name.
var secretWords = []string{
	"authorization", "cookie", "password", "passwd", "secret", "token", "accesskey", "privatekey", "apikey",
	"session", "credential", "signature", "idempotencykey",
}

var separators = strings.NewReplacer("-", "", "_", "", ".", "", " ", "")

func isSecret(name string) bool {
	name = strings.ToLower(separators.Replace(name))
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

var (
	// The ids of AWS' access keys, long-lived and of a session.
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
	accessKeyID = regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{12,}\b`)

	// name=value, name: value, "name":"value", X-Amz-Credential=…, and with a scheme such
	// as Bearer before the value. What AWS says of a signature that does not match holds the
	// header lines of the request, x-amz-security-token among them.
	namedSecret = regexp.MustCompile(`(?i)(([\w.-]*(?:authorization|cookie|passw(?:or)?d|secret|token|access[_-]?key|private[_-]?key|api[_-]?key|session|credential|signature|idempotency[_-]?key)[\w.-]*)["']?\s?[:=]\s?["'\[]*)((?:basic|bearer|aws4-hmac-sha256)\s+)?[^\s"'&,;\]]+`)

	// A scheme of HTTP authentication with what it carries.
	scheme = regexp.MustCompile(`(?i)\b(basic|bearer)\s+[A-Za-z0-9._~+/=-]{6,}`)

	// The name and password in a URL.
	userInfo = regexp.MustCompile(`://[^/\s:@]+:[^/\s@]+@`)
)

// suspicious is a quick look at texts that are nearly all harmless: what scrub masks has a
// separator in it, or begins as access keys do.
func suspicious(text string) bool {
	return strings.ContainsAny(text, ":= ") || strings.Contains(text, "AKIA") || strings.Contains(text, "ASIA")
}

// scrub masks what has the form of a credential within a text.
func scrub(text string) string {
	text = namedSecret.ReplaceAllStringFunc(text, func(found string) string {
		parts := namedSecret.FindStringSubmatch(found)
		if name := strings.ToLower(parts[2]); strings.HasSuffix(name, "exception") || strings.HasSuffix(name, "error") {
			return found // "ExpiredTokenException: The …"
		}
		return parts[1] + masked
	})
	text = accessKeyID.ReplaceAllString(text, masked)
	text = scheme.ReplaceAllString(text, "${1} "+masked)
	return userInfo.ReplaceAllString(text, "://"+masked+"@")
}
