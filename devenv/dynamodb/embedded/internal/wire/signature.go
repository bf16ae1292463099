package wire

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/pretendfriend/falafel-api/devenv/dynamodb/embedded/internal/exception"
)

// authenticate reads a Signature Version 4 for its region. Who signed and with what secret
// is not looked at: here everybody is the owner. A signature of a wrong form is refused in
// the words of AWS, since it would be there as well.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
func authenticate(r *http.Request) (region string, err error) {
	header := r.Header.Get("Authorization")
	query := url.Values(nil)
	if r.URL.RawQuery != "" {
		query = r.URL.Query()
	}
	presigned := query.Has("X-Amz-Algorithm")
	switch {
	case header != "" && presigned:
		return "", exception.New("InvalidSignatureException",
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case presigned:
		return fromQuery(query)
	case !strings.HasPrefix(strings.TrimSpace(header), "AWS4-"):
		return "", exception.New("MissingAuthenticationTokenException", "Request is missing Authentication Token")
	}
	return fromHeader(r, header)
}

func fromHeader(r *http.Request, header string) (region string, err error) {
	_, list, _ := strings.Cut(strings.TrimSpace(header), " ")
	credential, missing := "", ""
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		value := parameter(list, name)
		if value == "" {
			missing += "Authorization header requires '" + name + "' parameter. "
		}
		if name == "Credential" {
			credential = value
		}
	}
	if r.Header.Get("X-Amz-Date") == "" && r.Header.Get("Date") == "" {
		missing += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
	}
	if missing != "" {
		return "", exception.New("IncompleteSignatureException", "%sAuthorization=%s", missing, header)
	}
	return regionOf(credential)
}

// parameter finds name=value in a list separated by commas and spaces.
func parameter(list, name string) string {
	for list != "" {
		var one string
		if i := strings.IndexAny(list, ", "); i >= 0 {
			one, list = list[:i], list[i+1:]
		} else {
			one, list = list, ""
		}
		if value, ok := strings.CutPrefix(one, name+"="); ok {
			return value
		}
	}
	return ""
}

func fromQuery(query url.Values) (region string, err error) {
	var missing strings.Builder
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if query.Get(name) == "" {
			missing.WriteString("AWS query-string parameters must include '" + name + "'. ")
		}
	}
	if missing.Len() > 0 {
		return "", exception.New("IncompleteSignatureException", "%sRe-examine the query-string parameters.", missing.String())
	}
	return regionOf(query.Get("X-Amz-Credential"))
}

var regionPattern = regexp.MustCompile(`^[a-zA-Z0-9-]{1,64}$`)

// regionOf reads keyid/date/region/service/terminator.
func regionOf(credential string) (string, error) {
	trimmed := strings.TrimRight(credential, "/")
	if strings.Count(trimmed, "/") != 4 {
		return "", exception.New("IncompleteSignatureException",
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", credential)
	}
	_, rest, _ := strings.Cut(trimmed, "/")
	_, rest, _ = strings.Cut(rest, "/")
	region, _, _ := strings.Cut(rest, "/")
	if !regionPattern.MatchString(region) {
		return "", exception.New("InvalidSignatureException", "Credential should be scoped to a valid region, not '%s'. ", region)
	}
	return region, nil
}
