package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"valebot/internal/life"
	"valebot/internal/postgres"
)

// LifeOptions say how long lenders are run at random.
type LifeOptions struct {
	DatabaseURL string        // as in Options
	Seed        uint64        // of the first lender; the others follow
	Length      time.Duration // of all of them together; 0 is one minute
	Acts        int           // of each lender, before another begins; 0 is 5000
	Progress    func(text string)
	Found       func(finding string) // hears of each at once; may be nil
}

// LifeReport is what random lenders did, and what did not hold.
type LifeReport struct {
	Lenders  int      `json:"lenders"`
	Acts     int      `json:"acts"`
	Refused  int      `json:"refused"`
	Cuts     int      `json:"cuts"`  // connections cut in the middle of something
	Races    int      `json:"races"` // acts that two nodes did at once
	Days     int      `json:"days"`  // closes of a day
	Loans    int      `json:"loans"`
	Payments int      `json:"payments"`
	Checks   int      `json:"checks"`
	Seeds    []uint64 `json:"seeds"`
	Findings []string `json:"findings"` // each with the seed and the act that show it again
}

// Life runs one random lender after the other, each with a seed and a database
// of its own, until the time is over. Findings are no error. It measures nothing:
// it looks for what does not hold.
func Life(ctx context.Context, o LifeOptions) (report LifeReport, err error) {
	if o.Length <= 0 {
		o.Length = time.Minute
	}
	if o.Acts <= 0 {
		o.Acts = 5000
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Found == nil {
		o.Found = func(string) {}
	}
	o.Progress("arrancando la base de datos")
	at, err := open(ctx, o.DatabaseURL)
	if err != nil {
		return report, err
	}
	defer at.close()
	for start := time.Now(); time.Since(start) < o.Length && ctx.Err() == nil; o.Seed++ {
		if err := report.lender(ctx, at, o, o.Length-time.Since(start)); err != nil {
			return report, err
		}
	}
	return report, nil
}

// lender runs one and adds it to the report.
func (r *LifeReport) lender(ctx context.Context, at *place, o LifeOptions, left time.Duration) error {
	name := fmt.Sprintf("%s_life_%d", at.names[0], o.Seed)
	url, err := at.create(ctx, name)
	if err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, url); err != nil {
		return err
	}
	one, err := life.Run(ctx, life.Options{URL: url, Seed: o.Seed, Acts: o.Acts, Length: left, Progress: func(p life.Report) {
		o.Progress(fmt.Sprintf("financiera %d: %d actos, %s, %d vales, %d hallazgos", o.Seed, p.Acts, p.Today, p.Loans, len(r.Findings)))
	}})
	var broken *life.Broken
	if errors.As(err, &broken) {
		r.Findings = append(r.Findings, broken.Error())
		o.Found(broken.Error())
	} else if err != nil {
		return err
	}
	r.add(one)
	if ctx.Err() != nil {
		return nil
	}
	return at.execute(ctx, "drop database if exists "+name+" with (force)")
}

func (r *LifeReport) add(one life.Report) {
	r.Lenders++
	r.Seeds = append(r.Seeds, one.Seed)
	r.Acts += one.Acts
	r.Refused += one.Refused
	r.Cuts += one.Cuts
	r.Races += one.Races
	r.Days += one.Days
	r.Loans += one.Loans
	r.Payments += one.Payments
	r.Checks += one.Checks
}
