package pin

import (
	"context"
	"sync"
)

// flight answers a question once, however many ask at once, and remembers the
// answer or the error. The zero value is ready.
type flight[T any] struct {
	mu    sync.Mutex
	calls map[string]*call[T]
}

type call[T any] struct {
	done  chan struct{}
	value T
	err   error
	void  bool // the asker gave up, so its error says nothing
}

// do returns the answer for key, by ask if nobody asked before. An answer that
// failed because its asker's context ended is forgotten, and the next waiter asks.
func (f *flight[T]) do(ctx context.Context, key string, ask func() (T, error)) (T, error) {
	for {
		f.mu.Lock()
		c, running := f.calls[key]
		if !running {
			if f.calls == nil {
				f.calls = map[string]*call[T]{}
			}
			c = &call[T]{done: make(chan struct{}), void: true}
			f.calls[key] = c
			f.mu.Unlock()
			f.run(ctx, key, c, ask)
			return c.value, c.err
		}
		f.mu.Unlock()
		select {
		case <-c.done:
			if !c.void {
				return c.value, c.err
			}
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
}

// run is apart so that a panic in ask does not leave the waiters hanging.
func (f *flight[T]) run(ctx context.Context, key string, c *call[T], ask func() (T, error)) {
	defer func() {
		if c.void {
			f.mu.Lock()
			delete(f.calls, key)
			f.mu.Unlock()
		}
		close(c.done)
	}()
	c.value, c.err = ask()
	c.void = c.err != nil && ctx.Err() != nil
}
