package rehearse

import "encoding/xml"

// What tests of the parts see, without the minutes that a rehearsal takes.
type Metrics = metrics

var (
	ReadMetrics = readMetrics
	Promised    = promised
	DrawnBy     = drawnBy
)

// Fit holds the alarms, as CloudWatch describes them, against what is written.
func Fit(described, namespace string, written Metrics, exists func(string) bool) error {
	var all alarms
	if err := xml.Unmarshal([]byte(described), &all); err != nil {
		return err
	}
	return all.fit(namespace, written, exists)
}
