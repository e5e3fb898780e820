package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"

	"valebot/internal/postgres/local"
)

// gauge is pgbench, initialised on a database of its own.
type gauge struct {
	program string
	url     string
}

// How pgbench is called: enough clients that the server is the limit, prepared
// statements as we use them, and -N, which leaves out the two rows that all
// transactions would fight over.
const (
	gaugeScale   = 10
	gaugeClients = 16
	gaugeThreads = 2
)

func newGauge(ctx context.Context, p *place) (gauge, error) {
	program, err := local.Program(ctx, "pgbench")
	if err != nil {
		return gauge{}, err
	}
	g := gauge{program: program, url: p.theirs}
	_, err = g.call(ctx, "-i", "-q", "-s", strconv.Itoa(gaugeScale))
	return g, err
}

func (g gauge) arguments(length time.Duration) []string {
	return []string{
		"-n", "-N", "-M", "prepared", "-c", strconv.Itoa(gaugeClients), "-j", strconv.Itoa(gaugeThreads),
		"-T", strconv.Itoa(max(1, int(length.Round(time.Second)/time.Second))),
	}
}

// command is how pgbench is called, for the report.
func (g gauge) command() string {
	return "pgbench " + strings.Join(g.arguments(time.Second)[1:8], " ") + " -s " + strconv.Itoa(gaugeScale)
}

// run returns pgbench's transactions a second over length.
func (g gauge) run(ctx context.Context, length time.Duration) (float64, error) {
	text, err := g.call(ctx, g.arguments(length)...)
	if err != nil {
		return 0, err
	}
	return parseTPS(text)
}

func (g gauge) call(ctx context.Context, args ...string) (string, error) {
	var out, problems bytes.Buffer
	cmd := exec.CommandContext(ctx, g.program, append(args, g.url)...)
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		last := strings.TrimSpace(problems.String())
		return "", fmt.Errorf("run pgbench: %w: %s", err, last[strings.LastIndex(last, "\n")+1:])
	}
	return out.String(), nil
}

var tpsLine = regexp.MustCompile(`(?m)^tps = ([0-9.]+) \(without initial connection time\)`)

// parseTPS reads pgbench's result, as PostgreSQL 14 and later print it.
func parseTPS(text string) (float64, error) {
	found := tpsLine.FindStringSubmatch(text)
	if found == nil {
		return 0, errors.New("read pgbench: no tps in what it printed")
	}
	tps, err := strconv.ParseFloat(found[1], 64)
	if err != nil || tps <= 0 {
		return 0, fmt.Errorf("read pgbench: %q is no rate", found[1])
	}
	return tps, nil
}
