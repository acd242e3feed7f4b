// Package pin finds out what digest an image reference has today, which tags
// name that digest and whether it still exists. It asks registries and their
// mirrors over the network with bounds on everything: requests at once, time,
// size, redirects, waiting. Nothing a server says is trusted further than its
// bytes can be checked.
package pin
