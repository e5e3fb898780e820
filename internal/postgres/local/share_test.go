package local

import (
	"os"
	"testing"
)

func TestSharedClusterOutlivesItsStarterAndEndsAfterTheLast(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first := startHelper(t, "share", dir)
	second := startHelper(t, "share", dir)
	if first.url != second.url || first.owned || second.owned {
		t.Errorf("first %+v, second %+v", first, second)
	}
	remember(t, first.url)
	first.kill(t)
	recall(t, second.url)
	third := startHelper(t, "share", dir)
	recall(t, third.url)
	second.letGo(t)
	third.kill(t)
	until(t, "the shared cluster is gone", nobodyIn(t, openT(t, dir).data))

	// The next user gets an empty one.
	fourth := startHelper(t, "share", dir)
	remember(t, fourth.url)
	fourth.letGo(t)
	until(t, "the shared cluster is gone again", nobodyIn(t, openT(t, dir).data))
}

func TestSharedDirectoryOfOthersIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := Share(deadline(t), dir); err == nil {
		t.Error("want an error for a directory that anybody may write")
	}
}
