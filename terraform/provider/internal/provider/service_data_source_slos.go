package provider

import (
	"time"

	"github.com/pretendfriend/falafel-api/api/slo"
	"github.com/pretendfriend/falafel-api/devenv/monitoring/rules"
)

type (
	sloFact struct {
		Name        string      `tfsdk:"name"`
		Description string      `tfsdk:"description"`
		Target      float64     `tfsdk:"target"`
		WindowDays  int64       `tfsdk:"window_days"`
		Runbook     string      `tfsdk:"runbook"`
		Alarms      []alarmFact `tfsdk:"alarms"`
	}
	alarmFact struct {
		Severity      string  `tfsdk:"severity"`
		Window        string  `tfsdk:"window"`
		LongSeconds   int64   `tfsdk:"long_seconds"`
		ShortSeconds  int64   `tfsdk:"short_seconds"`
		MaxErrorRatio float64 `tfsdk:"max_error_ratio"`
		MinBad        int64   `tfsdk:"min_bad"`
	}
)

const day = 24 * time.Hour

func slosOf(objectives []slo.Objective, rates []slo.BurnRate) []sloFact {
	var facts []sloFact
	for _, objective := range objectives {
		fact := sloFact{
			Name: objective.Name, Description: objective.Description, Target: objective.Target,
			WindowDays: int64(objective.Window.Duration() / day), Runbook: rules.AlertName(objective),
		}
		for _, rate := range rates {
			// An alarm's period is a day at most, and it adds nothing up beyond it:
			// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
			if rate.Long.Duration() > day {
				continue
			}
			fact.Alarms = append(fact.Alarms, alarmFact{
				Severity: string(rate.Severity), Window: rate.Long.String(),
				LongSeconds: seconds(rate.Long.Duration()), ShortSeconds: seconds(rate.Short.Duration()),
				MaxErrorRatio: objective.MaxErrorRatio(rate), MinBad: slo.MinBad,
			})
		}
		facts = append(facts, fact)
	}
	return facts
}
