package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"valebot/internal/source"
)

// printHelp prints kong's help with its headings in Spanish.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	out := ctx.Stdout
	var text bytes.Buffer
	ctx.Stdout = &text
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = out
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, spanishHelp(text.String()))
	return err
}

func spanishHelp(text string) string {
	return strings.NewReplacer(
		"Usage: ", "Uso: ", "\nArguments:\n", "\nArgumentos:\n", "\nFlags:\n", "\nOpciones:\n", "\nCommands:\n", "\nComandos:\n",
		`Run "valebot <command> --help" for more information on a command.`, `"valebot <comando> --help" explica cada comando.`,
		"<command>", "<comando>", "[flags]", "[opciones]",
	).Replace(text)
}

// usageText says in Spanish what is wrong with a command line, and how it goes.
func usageText(err *kong.ParseError) string {
	node := err.Context.Selected()
	if node == nil {
		node = err.Context.Model.Node
	}
	summary := strings.TrimPrefix(strings.TrimSpace(node.Summary()), "valebot ")
	if node.Type == kong.ApplicationNode {
		summary = "<comando> [opciones]"
	}
	path := strings.Join(append([]string{"valebot"}, strings.Fields(strings.TrimPrefix(node.FullPath(), "valebot"))...), " ")
	return fmt.Sprintf("%s\nUso: %s\n`%s --help` lo explica", complaint(err, node), spanishHelp("valebot "+summary), path)
}

// Kong's messages, which have no types of their own.
var (
	unknownArgument = regexp.MustCompile(`^unexpected argument (\S+?)(?:, did you mean .*)?$`)
	unknownFlag     = regexp.MustCompile(`^unknown flag (\S+?)(?:, did you mean .*)?$`)
	missingCommand  = regexp.MustCompile(`^expected one of `)
	missingArgument = regexp.MustCompile(`^(?:expected|missing positional arguments) "?(<[^"]*?)"?$`)
	notOneOf        = regexp.MustCompile(`^(\S+) must be one of (.*) but got "(.*)"$`)
	notANumber      = regexp.MustCompile(`^(\S+): expected a.* int but got "(.*)"$`)
	dashedValue     = regexp.MustCompile(`^(\S+): expected .* but got "(.*?)" \(.*; perhaps try `)
	notADuration    = regexp.MustCompile(`^(\S+): expected duration but got "(.*?)"`)
)

// complaint puts one of kong's messages in Spanish; a rare one stays as it is.
func complaint(err error, node *kong.Node) string {
	text := err.Error()
	if m := unknownArgument.FindStringSubmatch(text); m != nil {
		return unknown("no entiendo", m[1], commandNames(node))
	}
	if m := unknownFlag.FindStringSubmatch(text); m != nil {
		return unknown("no hay opción", m[1], flagNames(node))
	}
	if missingCommand.MatchString(text) {
		return "falta el comando: " + strings.Join(commandNames(node), ", ")
	}
	if m := missingArgument.FindStringSubmatch(text); m != nil {
		return "falta " + m[1]
	}
	if m := notOneOf.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s es uno de %s, no «%s»", m[1], strings.ReplaceAll(strings.ReplaceAll(m[2], `"`, ""), ",", ", "), m[3])
	}
	if m := notANumber.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s es un número entero, no «%s»", m[1], m[2])
	}
	if m := dashedValue.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("falta el valor de %s; si empieza con guion, escribe %s=%s", m[1], m[1], m[2])
	}
	if m := notADuration.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%s es un tiempo como 5s o 2m, no «%s»", m[1], m[2])
	}
	return text
}

// unknown names what is not known and the nearest name that is.
func unknown(what, word string, names []string) string {
	text := fmt.Sprintf("%s «%s»", what, word)
	if near := nearest(word, names); near != "" {
		return text + fmt.Sprintf("; ¿quisiste decir «%s»?", near)
	}
	if len(names) > 0 && !strings.HasPrefix(word, "-") {
		text += "; hay: " + strings.Join(names, ", ")
	}
	return text
}

// nearest is the only name that begins with word, or else the most like it.
func nearest(word string, names []string) string {
	longer := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !strings.HasPrefix(name, word) })
	if len(longer) == 1 {
		return longer[0]
	}
	return source.Nearest(word, names)
}

func commandNames(node *kong.Node) []string {
	var names []string
	for _, child := range node.Children {
		names = append(names, child.Name)
	}
	return names
}

func flagNames(node *kong.Node) []string {
	var names []string
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			names = append(names, "--"+flag.Name)
		}
	}
	return names
}
