package shell

import "sync"

// recent are the scripts read last: what a RUN does is looked at from many sides,
// by passes, by effects and by the proof before and after, each of which begins by
// reading it.
var recent scripts

// The cache has at most twice so many scripts, and so many bytes of them.
const (
	maxRecent      = 256
	maxRecentBytes = 256 << 10
)

type readKey struct {
	script  string
	dialect Dialect
}

// scripts are a cache of two generations: the older one goes when the younger is
// full, and what is asked for comes to the younger.
type scripts struct {
	sync.Mutex
	young, old map[readKey]*Script
	bytes      int // of the younger
}

func (c *scripts) get(key readKey) *Script {
	c.Lock()
	defer c.Unlock()
	if s := c.young[key]; s != nil {
		return s
	}
	s := c.old[key]
	if s != nil {
		c.add(key, s)
	}
	return s
}

func (c *scripts) put(key readKey, s *Script) {
	c.Lock()
	defer c.Unlock()
	c.add(key, s)
}

func (c *scripts) add(key readKey, s *Script) {
	if c.young == nil || len(c.young) >= maxRecent || c.bytes+len(key.script) > maxRecentBytes {
		c.old, c.young, c.bytes = c.young, map[readKey]*Script{}, 0
	}
	c.young[key] = s
	c.bytes += len(key.script)
}
