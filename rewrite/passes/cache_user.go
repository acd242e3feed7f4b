package passes

import (
	"fmt"
	"strings"

	"github.com/restow/restow/rewrite/command"
)

// person is a user of the image, and the owner of a mount; root's ids are "".
type person struct{ uid, gid, home string }

// image is a base image by its name.
type image struct {
	full     string // as FROM names it
	name     string // the last part of the name, without tag and digest
	tag      string
	official bool // Docker's library has it, or its maker is known to run it as root
}

func imageOf(ref string) image {
	img := image{full: ref}
	name, _, _ := strings.Cut(ref, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, img.tag = name[:i], name[i+1:]
	}
	for _, registry := range []string{"docker.io/", "index.docker.io/", "public.ecr.aws/docker/", "library/"} {
		name = strings.TrimPrefix(name, registry)
	}
	img.name = name[strings.LastIndexByte(name, '/')+1:]
	img.official = !strings.Contains(name, "$") && !usersOfTheirOwn[img.name] && (img.name == name || rootRepositories(name))
	return img
}

// usersOfTheirOwn are images of Docker's library that set USER.
var usersOfTheirOwn = wordSet("elasticsearch kibana logstash solr sonarqube rocket.chat memcached haproxy varnish kong groovy neo4j couchbase orientdb scratch")

func rootRepositories(name string) bool {
	for _, prefix := range []string{
		"mcr.microsoft.com/dotnet/", "registry.access.redhat.com/ubi7/ubi", "registry.access.redhat.com/ubi8/ubi", "registry.access.redhat.com/ubi9/ubi",
		"quay.io/centos/", "nvidia/cuda", "nvcr.io/nvidia/cuda", "public.ecr.aws/amazonlinux/", "public.ecr.aws/ubuntu/", "public.ecr.aws/debian/",
		"ghcr.io/astral-sh/uv", "amd64/", "arm64v8/", "arm32v7/", "i386/", "continuumio/", "oven/bun", "quay.io/fedora/", "registry.fedoraproject.org/", "rockylinux/", "almalinux/", "mirror.gcr.io/library/",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// distribution reports whether an image is a distribution's own, which sets no
// variables for languages.
func (i image) distribution() bool {
	return i.official && wordSet("debian ubuntu alpine fedora centos rockylinux almalinux amazonlinux oraclelinux ubi ubi-minimal buildpack-deps busybox opensuse archlinux stream9 stream8")[i.name]
}

// musl reports whether programs of the image are linked to another C library than
// those of most images.
func (i image) musl() bool { return strings.Contains(i.full, "alpine") }

// people are those whom an image brings along, as its Dockerfile has them.
func (i image) people() map[string]person {
	switch i.name {
	case "node", "gradle":
		return map[string]person{i.name: {"1000", "1000", "/home/" + i.name}}
	}
	return map[string]person{}
}

// meet notes the user or group that a command makes.
func (r *cacheRun) meet(m cmd) {
	program := m.in.Program
	group := program == "groupadd" || program == "addgroup"
	if program != "useradd" && program != "adduser" && !group {
		return
	}
	var names []string
	for i, role := range m.in.Roles {
		if role.Kind == command.Text && role.Option == "" {
			names = append(names, m.word(i))
		}
	}
	if len(names) != 1 || names[0] == "" {
		return
	}
	people := map[string]person{}
	for k, v := range r.people {
		people[k] = v
	}
	name := names[0]
	if group {
		people["group "+name] = person{gid: number(m.in, "-g", "--gid")}
	} else {
		p := person{uid: number(m.in, "-u", "--uid"), home: homeOf(m.in, name)}
		p.gid = number(m.in, "-g", "--gid")
		if p.gid == "" {
			for _, option := range []string{"-g", "--ingroup"} {
				if v := m.in.Options[option]; len(v) > 0 {
					p.gid = people["group "+v[len(v)-1]].gid
				}
			}
		}
		people[name] = p
	}
	r.people = people
}

// number is the value of the first of the options that has one.
func number(in command.Meaning, options ...string) string {
	for _, o := range options {
		if v := in.Options[o]; len(v) > 0 && v[len(v)-1] != "" && strings.Trim(v[len(v)-1], "0123456789") == "" {
			return v[len(v)-1]
		}
	}
	return ""
}

// homeOf is the home that useradd(8), adduser(8) or busybox's adduser gives to a
// user; "" where it makes none.
func homeOf(in command.Meaning, name string) string {
	for _, o := range []string{"-d", "--home"} {
		if v := in.Options[o]; len(v) > 0 {
			return strings.TrimRight(v[len(v)-1], "/")
		}
	}
	switch {
	case in.Program == "useradd" && !in.Has("-m"), in.Has("--no-create-home"), in.Has("-H"), in.Has("-M"):
		return ""
	case in.Program == "adduser" && in.Has("--system"):
		// Debian's gives /nonexistent, busybox's, which has -S for it, /home/name.
		return ""
	}
	return "/home/" + name
}

// person is who runs the script, or why that is not known.
func (w *cacheWorld) person(r *cacheRun) (person, string) {
	home, set := r.env["HOME"]
	user, group, _ := strings.Cut(r.user, ":")
	var p person
	switch {
	case set && !home.known:
		return p, fmt.Sprintf("%s HOME of line %d depends on a variable", home.by, w.c.Line(home.at))
	case strings.Contains(r.user, "$"):
		return p, "USER " + r.user + " depends on a variable"
	case user == "" && !r.base.official && !w.rooted[r.base.full]:
		return p, "the user of " + r.base.full + " is not known"
	case user == "", user == "root", user == "0":
		p.home = "/root"
	default:
		numeric := strings.Trim(user, "0123456789") == ""
		p = r.people[user]
		for _, other := range r.people {
			if numeric && other.uid == user {
				p = other
			}
		}
		if numeric {
			p.uid = user
		}
		if group != "" && strings.Trim(group, "0123456789") == "" {
			p.gid = group
		}
		if p.uid == "" {
			return p, "the number of USER " + user + " is not known"
		}
	}
	if set {
		p.home = strings.TrimRight(home.value, "/")
	}
	if !strings.HasPrefix(p.home, "/") {
		return p, "the home of USER " + user + " is not known"
	}
	return p, ""
}
