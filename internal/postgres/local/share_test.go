package local

import (
	"context"
	"os"
	"syscall"
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

// Who gives up waiting must not take the cluster from the others.
func TestCancelledUserLeavesTheSharedClusterAlone(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	user := startHelper(t, "share", dir)
	remember(t, user.url)
	before := openStateT(t, dir).Postmaster
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if s, err := Share(ctx, dir); err == nil {
		stop(t, s)
		t.Error("want an error")
	}
	recall(t, user.url)
	if after := openStateT(t, dir).Postmaster; after != before {
		t.Errorf("postmaster changed from %d to %d", before, after)
	}
	user.letGo(t)
	until(t, "the shared cluster is gone", nobodyIn(t, openT(t, dir).data))
}

// A cluster that was killed with all its users is made again.
func TestSharedClusterAfterAKill(t *testing.T) {
	t.Parallel()
	dir := clusterDir(t)
	first := startHelper(t, "share", dir)
	remember(t, first.url)
	killPostmasterForGood(t, dir)
	second := startHelper(t, "share", dir)
	remember(t, second.url) // it is empty: the table can be made again
	first.letGo(t)
	second.letGo(t)
	until(t, "the shared cluster is gone", nobodyIn(t, openT(t, dir).data))
}

func killPostmasterForGood(t *testing.T, dir string) {
	t.Helper()
	if err := syscall.Kill(openStateT(t, dir).Postmaster, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
