package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// codeOfFiles finds the codes that the linters of prices, products and what
// distributors earn report.
var codeOfFiles = regexp.MustCompile(`(?:wrong|At|Span)\((?:[^"\n]|\["[a-z_]+"\])*"([a-z]+(?:-[a-z]+)*)",|Code: +"([a-z-]+)"`)

// Every code that a linter of files besides flows prints has an explanation with
// an example and its mend; keys of products and of what distributors earn are
// explained by their families.
func TestEveryCodeOfFilesIsExplained(t *testing.T) {
	t.Parallel()
	var reported []string
	for _, pattern := range []string{"tariff/*.go", "loan/*.go", "lending/programme*.go", "app/rulebook.go", "app/prices.go"} {
		paths, err := filepath.Glob(filepath.Join("..", "..", "internal", pattern))
		if err != nil || len(paths) == 0 {
			t.Fatal(pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(path, "_test.go") {
				for _, m := range codeOfFiles.FindAllStringSubmatch(string(text), -1) {
					reported = append(reported, m[1]+m[2])
				}
			}
		}
	}
	slices.Sort(reported)
	reported = slices.Compact(reported)
	if len(reported) < 14 {
		t.Fatalf("found only %d codes in the source: %v", len(reported), reported)
	}
	for _, code := range append(reported, "product-late-grace-days", "programme-points-each") {
		if _, ok := explanation(code); !ok {
			t.Errorf("%s has no explanation", code)
		}
	}
	for _, code := range fileCodes() {
		text, _ := explanation(code)
		if !slices.Contains(reported, code) || !strings.Contains(text, "Mal: ") || !strings.Contains(text, "Bien: ") {
			t.Errorf("%s is never reported, or has no example: %s", code, text)
		}
	}
}
