package main

import "strings"

// unneeded are recommended packages that a build and a container do without.
var unneeded = set(`
alsa-topology-conf alsa-ucm-conf appstream at-spi2-core bash-completion binfmt-support bzip2-doc console-setup dbus-user-session dctrl-tools
dpkg-dev e2fsprogs-l10n exim4-daemon-light fonts-dejavu-extra fonts-lato geoip-database groff-base gsasl-common ibverbs-providers
javascript-common krb5-locales libaacs0 libalgorithm-merge-perl libarchive-cpio-perl libatk-wrapper-java-jni libatm1 libauthen-sasl-perl
libc-devtools libcupsfilters1 libdata-dump-perl libdbd-mariadb-perl libdbi-perl libdecor-0-plugin-1-cairo libdecor-0-plugin-1-gtk
libexif-doc libfile-fcntllock-perl libfribidi0 libgail-common libgdbm6 libgdk-pixbuf2.0-bin libglib2.0-data libgpm2 libgtk-3-bin
libgtk2.0-bin libgts-bin libhtml-form-perl libhtml-format-perl libhttp-daemon-perl libjs-jquery libjson-xs-perl libjxr-tools libldap-common
liblocale-gettext-perl libmail-sendmail-perl libmailtools-perl libncursesw6 libnss-mdns libnss-systemd libpam-cap libpam-systemd
libpaper-utils libpcre3 libperl4-corelibs-perl libpng-tools librsvg2-common libsasl2-modules libsctp1 libtasn1-doc libterm-readkey-perl
libvirt-l10n libwww-perl libxml-sax-expat-perl libxt-dev llvm-14 logrotate mailcap manpages manpages-dev mesa-vulkan-drivers ncurses-term
netbase packagekit-tools pci.ids pocketsphinx-en-us polkitd publicsuffix python3-babel python3-doc python3-pkg-resources
qt5-gtk-platformtheme qtwayland5 read-edid sensible-utils shared-mime-info sysstat systemd systemd-sysv systemd-timesyncd
unattended-upgrades usb.ids uuid-runtime va-driver-all vdpau-driver-all xdg-user-dirs xfonts-base`)

// harmless reports whether a recommended package is not missed.
func harmless(name string) bool {
	if unneeded[name] {
		return true
	}
	for _, end := range []string{"-doc", "-l10n", "-locales", "-man", "-examples", "-doc-html", "-demos"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// added are recommended packages that the pass adds by name, and programs those
// that it adds where a file has their names: aptAdded and aptPrograms of the pass.
var (
	added = set(`
cppzmq-dev fonts-liberation2 libc6-dbg libc6-dev libfl-dev libltdl-dev libprotobuf-dev make poppler-data`)
	programs = set(`
autoconf automake ca-certificates cargo curl dbus fakeroot file git gnupg less libtool nftables openssh-client patch pkg-config psmisc
ssl-cert unzip wget xauth xxd zip`)
)

// forced are pairs of which the second is always added to the first: without it the
// first is of little use.
var forced = func() map[string]bool {
	out := map[string]bool{"xvfb xauth": true, "systemd dbus": true}
	for name := range set(`curl wget git git-lfs aria2 libcurl4 nodejs npm python3 python3.11 mercurial composer php-curl cargo msmtp`) {
		out[name+" ca-certificates"] = true
	}
	return out
}()

// asked are the packages of which the table says what depends on them, in its order.
var asked = strings.Fields(`
autoconf automake build-essential ca-certificates curl dbus fakeroot file g++ gcc git gnupg libc6-dev libfl-dev libltdl-dev libtool make
patch openssh-client perl pkg-config poppler-data psmisc python3 python3-dev python3-distutils unzip zip wget xauth xz-utils bzip2 less xxd
libc6-dbg libprotobuf-dev fonts-liberation2 ssl-cert`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		out[word] = true
	}
	return out
}
