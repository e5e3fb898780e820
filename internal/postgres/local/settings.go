package local

import (
	"maps"
	"slices"
)

// durable are the settings of a cluster whose rows matter, for a machine of two
// cores with other work to do. They go on the command line, so that a new
// version of the program changes them without editing files of an old cluster.
func durable() map[string]string {
	return map[string]string{
		"max_connections":              "100",
		"shared_buffers":               "256MB",
		"effective_cache_size":         "1GB",
		"work_mem":                     "8MB",
		"maintenance_work_mem":         "128MB",
		"wal_buffers":                  "16MB",
		"min_wal_size":                 "256MB",
		"max_wal_size":                 "2GB",
		"checkpoint_timeout":           "15min",
		"checkpoint_completion_target": "0.9",
		"random_page_cost":             "1.1",
		"jit":                          "off", // short queries: compiling costs more than it saves
		"fsync":                        "on",
		"full_page_writes":             "on",
		"synchronous_commit":           "on",
	}
}

// throwaway are the settings of a cluster that nobody will miss.
func throwaway() map[string]string {
	return map[string]string{
		"max_connections":    "400", // several test binaries, each with many parallel pools
		"shared_buffers":     "64MB",
		"fsync":              "off",
		"full_page_writes":   "off",
		"synchronous_commit": "off",
		"wal_level":          "minimal",
		"max_wal_senders":    "0",
		"max_wal_size":       "2GB",
		"checkpoint_timeout": "1h",
		"jit":                "off",
	}
}

// private are the settings that keep the cluster to itself.
func (h home) private() map[string]string {
	return map[string]string{
		"listen_addresses":        "", // the socket only
		"port":                    port,
		"unix_socket_directories": h.socket,
		"unix_socket_permissions": "0700",
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"log_destination":         "stderr",
		"logging_collector":       "off",
		"log_line_prefix":         "%m [%p] ",
		"log_checkpoints":         "off",
		// Statements and the DETAIL of a broken constraint hold personal data.
		"log_min_error_statement": "panic",
		"log_error_verbosity":     "terse",
		"lc_messages":             "C",
	}
}

// merge returns the settings of all layers; a later layer wins.
func merge(layers ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, layer := range layers {
		maps.Copy(all, layer)
	}
	return all
}

// flags renders settings as arguments, sorted, so that two starts look alike.
func flags(settings map[string]string) []string {
	var args []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}
