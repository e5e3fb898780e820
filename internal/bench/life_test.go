package bench

import (
	"testing"
	"time"

	"valebot/internal/postgres/pgtest"
)

func TestLifeRunsLendersOneAfterTheOther(t *testing.T) {
	t.Parallel()
	url := pgtest.Open(t, nil, nil)
	told := 0
	ctx := t.Context()
	r, err := Life(ctx, LifeOptions{DatabaseURL: url, Seed: 41, Acts: 15, Length: time.Second, Progress: func(string) { told++ }})
	if err != nil {
		t.Fatal(err)
	}
	if r.Lenders == 0 || r.Seeds[0] != 41 || len(r.Seeds) != r.Lenders || r.Acts == 0 || r.Checks == 0 || told == 0 || len(r.Findings) > 0 {
		t.Errorf("%+v", r)
	}
}
