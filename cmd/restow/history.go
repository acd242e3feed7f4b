package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/restow/restow/rewrite/project"
	"github.com/restow/restow/workspace"
)

// The history that passes see: what changed long ago says little of the next build.
const (
	historyCommits = 5000
	historyTime    = 20 * time.Second
)

// histories are the histories of a run's repositories: each is read once, and only
// when someone asks.
type histories struct {
	commits int // how many are read; 0 for historyCommits
	mu      sync.Mutex
	all     map[string]func() *project.History // by the repository's folder
}

// of is the history of a build context: counted where it is in a repository that
// has one, else assumed. tree may be nil.
func (h *histories) of(ctx context.Context, dir string, tree *project.Tree) *project.History {
	repo, err := workspace.RepositoryOf(ctx, dir)
	if err != nil {
		return assumed(tree, "")
	}
	h.mu.Lock()
	once := h.all[repo.Top]
	if once == nil {
		once = sync.OnceValue(func() *project.History {
			return readHistory(ctx, repo, "", cmp.Or(h.commits, historyCommits), historyTime)
		})
		if h.all == nil {
			h.all = map[string]func() *project.History{}
		}
		h.all[repo.Top] = once
	}
	h.mu.Unlock()
	whole := once()
	if !whole.Known() {
		return assumed(tree, whole.Stopped())
	}
	return inTree(whole.Under(repo.Prefix), tree)
}

// inTree is a history of what .dockerignore lets through.
func inTree(h *project.History, tree *project.Tree) *project.History {
	if h.Commits() == 0 {
		return assumed(tree, h.Stopped())
	}
	return h.Only(func(name string) bool { return !tree.Excluded(name) })
}

func assumed(tree *project.Tree, why string) *project.History {
	return project.Assumed(tree.Files()).Stop(why)
}

// readHistory reads the history of a repository, or of a folder in it. One that
// cannot be read, or takes too long, is an assumed one that says why: how far git
// came in its time is no fact that the next run would see again.
func readHistory(ctx context.Context, repo *workspace.Repository, folder string, commits int, within time.Duration) *project.History {
	var out *project.History
	err := repo.Log(ctx, workspace.LogOptions{Folder: folder, Commits: commits, Format: project.HistoryFormat, Time: within}, func(r io.Reader) (err error) {
		out, err = project.ReadHistory(r, project.Limits{Commits: commits})
		return err
	})
	if err != nil || out == nil {
		why := "no commit"
		if err != nil {
			why = err.Error()
		}
		return assumed(nil, "the history of the repository was not read: "+why)
	}
	if repo.Shallow {
		out = out.Stop("the clone is shallow: older commits are not in it")
	}
	return out
}

// historyOf is what Facts.History is for a file: it runs once, at the first call.
// Where the context is not known, it is that of the folder that would be, if it is
// there: how often something changes decides what a change is worth, and never
// whether it is right.
func (h *histories) historyOf(ctx context.Context, dir, file string, tree *project.Tree) func() *project.History {
	return sync.OnceValue(func() *project.History {
		if tree != nil {
			return h.of(ctx, dir, tree)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			return nil
		}
		defer root.Close()
		probable, err := project.New(root.FS(), inContext(dir, file))
		if err != nil {
			return nil
		}
		return h.of(ctx, dir, probable)
	})
}
