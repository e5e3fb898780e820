package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"valebot/internal/source"
	"valebot/internal/tariff"
)

// pricesFile holds what providers ask for a message, in the flows folder.
const pricesFile = "precios.yaml"

// readPrices reads the price file. Without one there are no prices: what is sent
// is counted and costs nothing that is known.
func readPrices(files Files) ([]tariff.Price, []source.Problem, error) {
	text, err := fs.ReadFile(files.Flows, pricesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", pricesFile, err)
	}
	prices, problems := tariff.Lint(path.Join(source.RootOf(files.Flows, "flows"), pricesFile), text)
	return prices, problems, nil
}

// LintPrices lists what is wrong with the price file.
func LintPrices(files Files) []source.Problem {
	_, problems, err := readPrices(files)
	if err != nil {
		name := path.Join(source.RootOf(files.Flows, "flows"), pricesFile)
		return []source.Problem{{File: name, Line: 1, Col: 1, Severity: source.Error, Code: "file", Text: err.Error()}}
	}
	return problems
}

// loadPrices puts the prices of the configured files in force for what is sent
// from now on.
func (a *App) loadPrices(ctx context.Context) error {
	prices, problems, err := readPrices(a.cfg.files())
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return &Broken{Problems: problems}
	}
	return a.store.SavePrices(ctx, prices)
}
