package passes

// The tables are made from the package lists of Debian 12 (bookworm, main, amd64,
// with its updates, as of version 12.15): for each package that real Dockerfiles
// install, what the packages that it cannot do without recommend, as far as they
// do not depend on it themselves. Left out are recommended packages that a build
// and a container do without: documentation, translations, manual pages, locales,
// drivers, desktop files, daemons of a host (systemd-timesyncd, exim4), and what
// xdg-user-dirs, publicsuffix, krb5-locales, libgpm2 and the like bring. Those that
// matter were judged one by one. Names that Debian 12 does not have are those of other
// versions for the same (openjdk-11-jdk). A package that is in none is not known.

// aptRecommended are packages with what they bring along as recommended and may be
// needed; ... stands for more, and ! behind what is always added.
const aptRecommended = `
adb android-sdk-platform-tools-common; alien build-essential curl dbus fakeroot gnupg libltdl-dev; apache2 ca-certificates psmisc ssl-cert;
apache2-dev build-essential ca-certificates curl fakeroot gnupg libltdl-dev; aptitude libdpkg-perl; aria2 ca-certificates!; arping dbus; asciidoc
asciidoc-dblatex docbook-xml xmlto ca-certificates; aspell aspell-en; at-spi2-core psmisc; audacity libgtk2.0-0 libqt5core5a libqt5gui5 ...; autoconf
automake; autoconf-archive autoconf; awscli python3-pil python3-pygments ca-certificates; biber libclass-c3-xs-perl libclass-xsaccessor-perl
libdevel-lexalias-perl ...; bsd-mailx ca-certificates psmisc; bubblewrap procps; build-essential fakeroot gnupg; buildah crun fuse-overlayfs netavark
nftables; byobu pastebinit ca-certificates less; bzr python3-fastimport python3-github python3-gpg ...; cabal-install curl; cargo ca-certificates!;
cdbs autotools-dev ca-certificates; certbot python3-icu; cheese gstreamer1.0-gl gvfs libcanberra-gtk3-module ...; chromium fonts-liberation
libfile-mimeinfo-perl libnet-dbus-perl ...; chromium-driver fonts-liberation libfile-mimeinfo-perl libnet-dbus-perl ...; chromium-l10n
fonts-liberation libfile-mimeinfo-perl libnet-dbus-perl ...; cifs-utils keyutils ca-certificates; clang libclang-rt-14-dev llvm-14-dev python3;
clang-format ca-certificates; clang-tools libclang-rt-14-dev llvm-14-dev ca-certificates; clickhouse-server clickhouse-client; cm-super dvisvgm
libfile-mimeinfo-perl libnet-dbus-perl ...; cmake gcc ca-certificates make psmisc; composer git unzip; cppcheck ca-certificates; criu iproute2
ca-certificates; curl ca-certificates!; cython3 gcc python3-dev ca-certificates; dbus-x11 dbus; debhelper build-essential curl fakeroot gnupg
libltdl-dev; debootstrap arch-test ca-certificates gnupg; default-jdk dbus; default-jdk-headless dbus; default-jre dbus; default-jre-headless dbus;
devscripts build-essential debian-keyring dput ...; dh-autoreconf libltdl-dev; dh-python ca-certificates; dirmngr gnupg; distcc dbus; dnsmasq
dns-root-data dbus; docbook-xsl docbook-xml; docbook2x docbook-xml docbook-xsl; docker-compose docker.io python3-json-pointer python3-rfc3987 ...;
docker.io apparmor cgroupfs-mount criu ...; dpkg-dev build-essential gcc fakeroot gnupg; dvipng dvisvgm fonts-droid-fallback texlive-base dbus; elinks
perl; elixir erlang-syntax-tools psmisc; emacs-nox mailutils dbus; enchant-2 aspell-en; equivs build-essential curl fakeroot gnupg libltdl-dev; erlang
aspell-en enchant-2 erlang-jinterface ...; erlang-asn1 erlang-crypto erlang-syntax-tools psmisc; erlang-base erlang-crypto erlang-syntax-tools psmisc;
erlang-crypto erlang-syntax-tools psmisc; erlang-eldap erlang-syntax-tools psmisc; erlang-ftp erlang-syntax-tools psmisc; erlang-inets
erlang-syntax-tools psmisc; erlang-mnesia erlang-crypto erlang-syntax-tools psmisc; erlang-nox psmisc; erlang-os-mon erlang-syntax-tools psmisc;
erlang-parsetools erlang-crypto erlang-syntax-tools psmisc; erlang-public-key erlang-syntax-tools psmisc; erlang-runtime-tools erlang-crypto
erlang-syntax-tools psmisc; erlang-snmp erlang-syntax-tools psmisc; erlang-ssh erlang-syntax-tools psmisc; erlang-ssl erlang-syntax-tools psmisc;
erlang-syntax-tools erlang-crypto psmisc; erlang-tftp erlang-crypto erlang-syntax-tools psmisc; erlang-tools erlang-crypto erlang-syntax-tools psmisc;
erlang-xmerl erlang-crypto erlang-syntax-tools psmisc; espeak dbus; espeak-ng dbus; exim4 bsd-mailx ca-certificates psmisc; fail2ban python3-pyinotify
python3-systemd whois ca-certificates nftables; fastboot android-sdk-platform-tools-common; fcitx-frontend-qt5 aspell-en dbus-x11 enchant-2 ...;
fcitx-module-dbus aspell-en dbus-x11 enchant-2 ...; fcitx-modules aspell-en enchant-2 fcitx ...; ffmpeg dbus; firefox-esr libavcodec59 psmisc;
firewalld ipset iptables python3-cap-ng ...; fish lynx xsel ca-certificates psmisc; flex gcc libfl-dev; fluidsynth qsynth dbus; fontforge
fonts-cantarell fonts-inconsolata psmisc; fonts-ipafont-gothic fonts-ipafont-mincho; fonts-kacst fonts-kacst-one; fonts-noto fonts-noto-cjk
fonts-noto-cjk-extra fonts-noto-color-emoji ...; freerdp2-dev dbus; gcc libc6-dev; gcc-aarch64-linux-gnu libc6-dev-arm64-cross;
gcc-arm-linux-gnueabihf libc6-dev-armhf-cross; gcc-arm-none-eabi libnewlib-arm-none-eabi; gconf-service dbus; gconf2 ca-certificates; gdal-bin
proj-bin ca-certificates poppler-data; gdb ca-certificates libc6-dbg; geary aspell-en enchant-2 gnome-keyring-pkcs11 ...; gettext curl; ghostscript
fonts-droid-fallback dbus; gimp fonts-droid-fallback ghostscript libfile-mimeinfo-perl ...; gir1.2-spiceclientgtk-3.0 gstreamer1.0-plugins-base
psmisc; git ca-certificates! less openssh-client patch; git-all apache2 libcgi-fast-perl libclass-c3-xs-perl ...; git-lfs ca-certificates! less
openssh-client patch; gnupg-agent gnupg; gnupg1 ca-certificates; gnuplot psmisc; gnuplot-nox fonts-liberation groff; golang g++ gcc libc6-dev
pkg-config; golang-1.19 g++ gcc libc6-dev pkg-config; golang-go g++ gcc libc6-dev pkg-config; gparted polkitd-pkla psmisc; gpg gnupg; gpg-agent gnupg;
graphviz fonts-liberation2; groff ghostscript imagemagick libpaper1 ...; gtk-doc-tools python3-bs4 python3-html5lib ca-certificates; hdf5-tools
ca-certificates; hdparm powermgmt-base; hollywood apg atop bmon ...; httpie build-essential python3-dev; ibus ibus-gtk ibus-gtk3 ibus-gtk4 ...;
ibus-gtk dbus; iftop dbus; imagemagick ghostscript gsfonts libmagickcore-6.q16-6-extra ...; inkscape aspell aspell-en enchant-2 ...; iptables
nftables; isc-dhcp-server isc-dhcp-common policycoreutils; jp2a ca-certificates; jsvc default-jre-headless; keepass2 ca-certificates-mono cli-common
libmono-btls-interface4.0-cil ...; kicad bzip2 kicad-libraries libhwloc-plugins ...; krb5-user krb5-config; latexmk dvisvgm gv libfile-mimeinfo-perl
...; lcov libgd-perl libc6-dev; lftp openssh-client; libapache2-mod-php apache2 ca-certificates; libapache2-mod-wsgi-py3 ca-certificates; libapr1-dev
ca-certificates; libasound2-plugins dbus; libatk-bridge2.0-0 dbus; libatspi2.0-0 dbus; libatspi2.0-dev ca-certificates dbus; libavahi-client-dev dbus;
libavahi-glib-dev ca-certificates; libboost-all-dev libcoarrays-openmpi-dev ca-certificates libtool xauth; libc6-dev-i386 gcc-multilib; libcairo2-dev
ca-certificates; libcanberra-gtk-module dbus; libcgi-session-perl libdbd-pg-perl libfreezethaw-perl; libclang-dev libclang-rt-14-dev; libcups2 dbus;
libcups2-dev build-essential gcc libcupsfilters-dev dbus fakeroot gnupg; libcurl4 ca-certificates!; libcurl4-gnutls-dev ca-certificates;
libcurl4-openssl-dev ca-certificates; libcurlpp-dev ca-certificates; libdbus-1-3 dbus; libdbus-1-dev dbus; libdbus-glib-1-2 dbus; libenchant-2-2
aspell-en enchant-2; libfl-dev gcc; libgconf-2-4 gconf-service dbus; libgdal-dev proj-bin ca-certificates libtool pkg-config poppler-data;
libgdk-pixbuf2.0-dev ca-certificates; libgirepository1.0-dev python3-pygments python3-yaml ca-certificates fakeroot gnupg; libglib2.0-dev
ca-certificates; libgraphviz-dev dbus; libgrpc++-dev g++; libgstreamer-plugins-base1.0-0 gstreamer1.0-plugins-base; libgstreamer-plugins-base1.0-dev
gstreamer1.0-gl gstreamer1.0-plugins-base ca-certificates; libgstreamer1.0-dev ca-certificates; libgtk-3-0 psmisc; libgtk-3-dev ca-certificates
psmisc; libgtk2.0-0 dbus; libgts-dev ca-certificates; libharfbuzz-dev ca-certificates; libhdf5-dev ca-certificates; libimage-exiftool-perl
libarchive-zip-perl libunicode-linebreak-perl; libinput-dev ca-certificates; libltdl-dev libtool; liblua5.3-dev libtool-bin pkg-config;
libmagickcore-dev fonts-urw-base35 ghostscript gsfonts ca-certificates libtool; libmagickwand-dev fonts-urw-base35 ghostscript gsfonts ca-certificates
libtool; libnewlib-arm-none-eabi gcc-arm-none-eabi libstdc++-arm-none-eabi-newlib; libopencv-dev gstreamer1.0-plugins-base libopencv-java libqt5svg5
...; libopenmpi-dev libcoarrays-openmpi-dev libtool xauth; libpango1.0-dev ca-certificates; libpcap-dev dbus; libpoppler-cpp-dev poppler-data;
libpresage-data presage; libpresage1v5 presage; libproj-dev ca-certificates; libpulse-dev ca-certificates dbus; libpulse0 dbus; libqt5dbus5 dbus;
libqt5gui5 libqt5svg5 dbus; libqt5network5 dbus; libqt5printsupport5 libqt5svg5 dbus; libqt5webkit5 geoclue-2.0 gstreamer1.0-plugins-base libqt5svg5
dbus; libqt5widgets5 libqt5svg5 dbus; libreoffice apparmor default-jre fonts-crosextra-caladea ...; libreoffice-calc apparmor gstreamer1.0-libav
gstreamer1.0-plugins-bad ...; libreoffice-writer apparmor gstreamer1.0-libav gstreamer1.0-plugins-bad ...; librsvg2-dev ca-certificates; libsdl1.2-dev
ca-certificates dbus; libsecret-1-dev ca-certificates; libsmbclient-dev dbus; libsndfile1-dev pkg-config; libsnmp-dev libsnmp-perl perl psmisc;
libsox-fmt-all dbus; libspatialindex-dev pkg-config; libspeechd-dev ca-certificates; libtbb-dev libhwloc-plugins; libtiff5-dev pkg-config; libtool
libltdl-dev; libtool-bin libltdl-dev; libvips-dev fonts-urw-base35 ghostscript gsfonts ...; libvips-tools ghostscript gsfonts ca-certificates
poppler-data; libvips42 ghostscript gsfonts ca-certificates poppler-data; libvirt-daemon-system dnsmasq-base iproute2 libnss-mymachines ...;
libvirt-dev ca-certificates pkg-config; libvirt0 ca-certificates; libvulkan-dev ca-certificates; libwine fonts-liberation fonts-wine
gstreamer1.0-plugins-base ...; libzmq3-dev cppzmq-dev; lighttpd lighttpd-mod-deflate lighttpd-mod-openssl perl ...; lintian build-essential gcc
libcgi-fast-perl ...; linux-headers-amd64 libc6-dev; linux-perf ca-certificates; littler libfile-mimeinfo-perl libnet-dbus-perl libx11-protocol-perl
...; lldb ca-certificates; llvm llvm-14-dev ca-certificates; llvm-dev ca-certificates; lnav ca-certificates; luarocks libtool-bin lua-sec
ca-certificates libtool pkg-config; lvm2 thin-provisioning-tools; lxc apparmor debootstrap dirmngr ...; mariadb-server libhtml-template-perl
mariadb-plugin-provider-bzip2 mariadb-plugin-provider-lz4 ...; maven dbus; mdadm kmod; mediainfo ca-certificates; mercurial ca-certificates!
openssh-client; meson ca-certificates; mime-support bzip2 xz-utils file; mono-mcs ca-certificates-mono cli-common libmono-btls-interface4.0-cil ...;
mpd libpipewire-0.3-common ca-certificates dbus; msmtp ca-certificates!; mumble-server dbus; musl-dev libc6-dev; musl-tools libc6-dev; mutt locales;
ncat dbus; nfs-common ca-certificates; nmap dbus; nodejs ca-certificates!; notify-osd psmisc; npm build-essential node-tap git; ntpdate
ca-certificates; ocaml ledit file; ocrmypdf bzip2 fonts-droid-fallback pngquant ...; octave default-jre-headless epstool fonts-freefont-otf ...;
openbox fonts-droid-fallback obconf scrot ca-certificates dbus; openjdk-11-jdk dbus; openjdk-11-jdk-headless dbus; openjdk-11-jre dbus;
openjdk-11-jre-headless dbus; openjdk-17-jdk dbus; openjdk-17-jdk-headless dbus; openjdk-17-jre dbus; openjdk-17-jre-headless dbus; openjdk-21-jdk
dbus; openjdk-21-jdk-headless dbus; openjdk-21-jre dbus; openjdk-21-jre-headless dbus; openjdk-8-jdk dbus; openjdk-8-jdk-headless dbus; openjdk-8-jre
dbus; openjdk-8-jre-headless dbus; openscad libqt5svg5 openscad-mcad dbus; openssh-client xauth; openssh-server psmisc xauth; openvpn easy-rsa;
parallel psmisc; pdftk-java dbus; php apache2 ca-certificates; php-curl ca-certificates!; php-fpm dbus; php-gearman apache2 ca-certificates;
php-imagick apache2 ghostscript gsfonts ca-certificates; php-mail php-net-smtp; php-mailparse apache2 ca-certificates; php-redis apache2
ca-certificates; php8.2 apache2 ca-certificates; php8.2-fpm dbus; pipx fonts-font-awesome libjs-bootstrap4 libjs-highlight.js ...; podman buildah
catatonit fuse-overlayfs ...; poppler-utils poppler-data; postfix python3 ca-certificates; postgis postgresql-postgis proj-bin ca-certificates
poppler-data; procps psmisc; proj-bin ca-certificates; protobuf-compiler libprotobuf-dev; pulseaudio gstreamer1.0-plugins-base rtkit dbus;
pulseaudio-utils dbus; python-is-python3 ca-certificates; python3 ca-certificates!; python3-certbot-nginx python3-icu; python3-cffi ca-certificates;
python3-cryptography ca-certificates; python3-dbus python3-gi ca-certificates dbus; python3-dev ca-certificates; python3-distutils ca-certificates;
python3-gmpy2 ca-certificates; python3-inflection ca-certificates; python3-jinja2 ca-certificates; python3-lxml python3-bs4 python3-html5lib
ca-certificates; python3-mako ca-certificates; python3-minimal libpython3.11-stdlib python3.11; python3-numpy ca-certificates; python3-opencv
gstreamer1.0-plugins-base libqt5svg5 proj-bin ca-certificates dbus poppler-data; python3-pandas python3-bottleneck python3-bs4 python3-html5lib ...;
python3-pip build-essential python3-dev; python3-pkg-resources ca-certificates; python3-pkgconfig ca-certificates; python3-png ca-certificates;
python3-protobuf ca-certificates; python3-psycopg2 ca-certificates; python3-pwntools build-essential gdb gdbserver ...; python3-pyaudio
ca-certificates; python3-pycryptodome ca-certificates; python3-pyqt5 libqt5sql5-sqlite libqt5svg5 ca-certificates dbus; python3-pyroute2
ca-certificates; python3-rosinstall bzr mercurial python3-pil ...; python3-scipy python3-pil ca-certificates; python3-setuptools ca-certificates;
python3-tk ca-certificates; python3-vcstools bzr mercurial subversion ca-certificates git; python3-virtualenv build-essential python3-dev
python3-distutils; python3-wheel ca-certificates; python3-yaml ca-certificates; python3.11 ca-certificates!; python3.11-dev ca-certificates;
qemu-system-x86 gstreamer1.0-libav gstreamer1.0-plugins-base gstreamer1.0-plugins-good ...; qemu-user qemu-user-binfmt; qemu-utils qemu-block-extra;
qml-module-qtgraphicaleffects libqt5svg5 dbus; qml-module-qtquick-controls libqt5svg5 dbus; qml-module-qtquick-dialogs libqt5svg5 dbus;
qml-module-qtquick-localstorage libgl1 libglx-mesa0 dbus; qml-module-qtquick-window2 libqt5svg5 dbus; qmlscene libqt5svg5 dbus; qtbase5-dev
libqt5opengl5-dev libqt5sql5-sqlite libqt5svg5 ca-certificates dbus; qtdeclarative5-dev libqt5opengl5-dev libqt5sql5-sqlite libqt5svg5 ca-certificates
dbus; quilt curl less; r-base libfile-mimeinfo-perl libnet-dbus-perl libx11-protocol-perl ...; r-base-dev libfile-mimeinfo-perl libnet-dbus-perl
libx11-protocol-perl ...; r-cran-rodbc libfile-mimeinfo-perl libnet-dbus-perl libx11-protocol-perl ...; r-recommended libfile-mimeinfo-perl
libnet-dbus-perl libx11-protocol-perl ...; rabbitmq-server ca-certificates psmisc; remmina remmina-plugin-rdp remmina-plugin-secret remmina-plugin-vnc
psmisc; remmina-plugin-rdp remmina-plugin-secret remmina-plugin-vnc psmisc; rpm dbus; rt-tests ca-certificates; ruby zip; ruby-dev zip; ruby-full zip;
runit runit-run; rustc cargo; s3cmd ca-certificates; samba attr python3-cryptography python3-gpg ...; scons ca-certificates; simh dbus; skopeo
netavark nftables; slapd ldap-utils; smbclient samba-common-bin dbus; snmp perl; snmpd perl; software-properties-common gnupg; squid libcap2-bin
ca-certificates; ssh psmisc xauth; sshpass openssh-client; stunnel4 dbus; supervisor ca-certificates; systemd dbus!; systemd-journal-remote
ca-certificates dbus; systemd-sysv dbus; systemtap-sdt-dev ca-certificates; tcl-dev build-essential gcc fakeroot gnupg; tcpdump dbus; tdsodbc
libodbc1; tesseract-ocr ca-certificates; tesseract-ocr-eng tesseract-ocr; texlive dvisvgm libfile-mimeinfo-perl libnet-dbus-perl ...;
texlive-fonts-recommended dvisvgm libfile-mimeinfo-perl libnet-dbus-perl ...; texlive-full aglfn context-modules default-jre ...; texlive-latex-base
dvisvgm libfile-mimeinfo-perl libnet-dbus-perl ...; texlive-latex-extra default-jre dvisvgm libfile-mimeinfo-perl ...; texlive-latex-recommended
dvisvgm libfile-mimeinfo-perl libnet-dbus-perl ...; texlive-plain-generic dvisvgm libfile-mimeinfo-perl libnet-dbus-perl ...; texlive-xetex
default-jre dvisvgm libfile-mimeinfo-perl ...; tk-dev build-essential gcc fakeroot gnupg; tor tor-geoipdb torsocks; transmission-cli ca-certificates;
transmission-daemon transmission-cli ca-certificates; transmission-gtk xdg-utils ca-certificates psmisc; u-boot-tools device-tree-compiler
libubootenv-tool; ufw ca-certificates nftables; unoconv apparmor hunspell-en-us libreoffice-calc ...; valgrind gdb valgrind-dbg; vim xxd; vim-common
vim xxd; vim-nox perl xxd zip; vim-tiny xxd; virt-manager gir1.2-ayatanaappindicator3-0.1 gir1.2-spiceclientglib-2.0 gir1.2-spiceclientgtk-3.0 ...;
virt-viewer gstreamer1.0-plugins-base libvirt-glib-1.0-data ca-certificates psmisc; virtinst libvirt-clients libvirt-daemon qemu-utils ...; virtualenv
build-essential python3-dev python3-distutils; vlc libmtp-runtime libproxy-tools udev ...; vorbis-tools ca-certificates; weechat-curses
weechat-plugins ca-certificates; wget ca-certificates!; wireguard apparmor busybox zstd nftables; wireguard-tools linux-image-6.12-amd64 nftables;
wireshark libqt5multimedia5-plugins dbus; wkhtmltopdf geoclue-2.0 gstreamer1.0-plugins-base tigervnc-standalone-server dbus; x11-apps xbitmaps; x11vnc
x11-utils dbus; xclip xauth; xdg-utils libfile-mimeinfo-perl libnet-dbus-perl libx11-protocol-perl ...; xfsprogs ca-certificates; xinetd rsyslog
update-inetd; xmlto dblatex zip; xterm luit; xvfb xauth!; yamllint ca-certificates; yubico-piv-tool pcscd; yubikey-manager libyubikey-udev
ca-certificates; zip unzip; znc znc-perl znc-python znc-tcl`

// aptDepended are recommended packages with some that depend on them.
const aptDepended = `
autoconf alien apache2-dev automake debhelper dh-autoreconf equivs libboost-all-dev libgdal-dev libltdl-dev libmagickcore-dev libmagickwand-dev
libopenmpi-dev libvips-dev; automake alien apache2-dev debhelper dh-autoreconf equivs libboost-all-dev libgdal-dev libltdl-dev libmagickcore-dev
libmagickwand-dev libopenmpi-dev libvips-dev; build-essential libgirepository1.0-dev r-base-dev; ca-certificates biber ca-certificates-java certbot
composer default-jdk default-jdk-headless default-jre default-jre-headless devscripts docbook2x docker-compose git-all httpie icoutils libwww-perl
lintian littler maven npm offlineimap openjdk-17-jdk openjdk-17-jdk-headless openjdk-17-jre openjdk-17-jre-headless pdftk-java pipx
python3-certbot-nginx python3-full python3-pip python3-pwntools python3-requests python3-venv python3-virtualenv python3.11-venv r-base r-base-dev
r-cran-rodbc r-recommended ruby ruby-dev ruby-full software-properties-common texlive-full vim-nox virt-manager virtinst virtualenv; dbus at-spi2-core
audacity cheese chromium chromium-driver chromium-l10n dbus-user-session erlang firefox-esr firewalld fontforge gconf2 geary gir1.2-spiceclientgtk-3.0
gnuplot gparted ibus inkscape kicad libgtk-3-0 libgtk-3-dev libpam-systemd libvirt-daemon-system notify-osd remmina remmina-plugin-rdp
software-properties-common transmission-gtk virt-manager virt-viewer virtinst; fakeroot devscripts; file alien apache2-dev debhelper devscripts
dh-autoreconf equivs libtool libtool-bin lintian; g++ build-essential g++-multilib libgirepository1.0-dev python3-scipy r-base-dev; gcc alien
apache2-dev build-essential cabal-install cargo debhelper dh-autoreconf equivs g++ g++-multilib gcc-multilib gfortran ghc lcov libgirepository1.0-dev
libtool libtool-bin musl-dev musl-tools ocaml python3-scipy r-base-dev rustc varnish; git git-all git-lfs; gnupg buildah devscripts geary gnupg2
libgpgme-dev libreoffice libreoffice-calc libreoffice-writer mutt podman reprepro skopeo unoconv; libc6-dev alien apache2-dev build-essential
cabal-install cargo clang clang-tools debhelper default-libmysqlclient-dev dh-autoreconf emacs-nox equivs g++ g++-multilib gcc-multilib gfortran ghc
libacl1-dev libapr1-dev libatspi2.0-dev libattr1-dev libavahi-glib-dev libblkid-dev libbluetooth-dev libboost-all-dev libboost-context-dev
libboost-coroutine-dev libboost-dev libboost-filesystem-dev libboost-program-options-dev libboost-regex-dev libboost-system-dev libbz2-dev
libc6-dev-i386 libcairo2-dev libclang-dev libcups2-dev libdw-dev libedit-dev libelf-dev libexif-dev libexpat1-dev libfontconfig-dev libfontconfig1-dev
libfreetype-dev libfreetype6-dev libfuse-dev libfuse3-dev libgcrypt20-dev libgd-dev libgdal-dev libgdbm-dev libgdk-pixbuf2.0-dev
libgirepository1.0-dev libgit2-dev libglib2.0-dev libgnutls28-dev libgpgme-dev libgrpc++-dev libgss3 libgstreamer-plugins-base1.0-dev
libgstreamer1.0-dev libgtk-3-dev libgts-dev libharfbuzz-dev libhdf5-dev libicu-dev libid3tag0-dev libinput-dev libjpeg-dev libjpeg62-turbo-dev
libkrb5-dev liblua5.3-dev libmagickcore-dev libmagickwand-dev libmariadb-dev libmemcached-dev libmicrohttpd-dev libncurses-dev libncurses5-dev
libncursesw5-dev libnuma-dev libopencv-dev libopenmpi-dev libpam0g-dev libpango1.0-dev libpcap-dev libpci-dev libpcre2-dev libpcre3-dev libperl-dev
libpng-dev libpopt-dev libproj-dev libprotobuf-dev libprotoc-dev libpulse-dev libpython3-dev libqpdf-dev libreadline-dev librocksdb-dev librsvg2-dev
libsasl2-dev libsctp-dev libsdl1.2-dev libsecret-1-dev libselinux1-dev libslang2-dev libsnmp-dev libspeechd-dev libsqlite3-dev libssh-dev
libssh2-1-dev libtiff-dev libtiff5-dev libtool libtool-bin libvips-dev libvncserver-dev libwebsockets-dev libxml2-dev libxmlsec1-dev libxslt1-dev
libzip-dev libzmq3-dev lldb llvm-dev luarocks lzma-dev ocaml python3-dev python3-scipy python3.11-dev r-base-dev rustc tcl-dev tk-dev uuid-dev varnish
zlib1g-dev; libltdl-dev libboost-all-dev libgdal-dev libmagickcore-dev libmagickwand-dev libopenmpi-dev libvips-dev; libtool alien apache2-dev
debhelper dh-autoreconf equivs libtool-bin; make alien apache2-dev build-essential debhelper devscripts dpkg-dev equivs libcups2-dev
libgirepository1.0-dev lintian r-base-dev tcl-dev tk-dev; patch alien apache2-dev build-essential debhelper devscripts dpkg-dev equivs libcups2-dev
libgirepository1.0-dev lintian quilt r-base-dev tcl-dev tk-dev; openssh-client libboost-all-dev libopenmpi-dev octave openssh-server ssh; perl alien
apache2 apache2-dev apt-file autoconf autogen automake biber build-essential cm-super cowsay debhelper default-mysql-client devscripts dh-autoreconf
docbook-xml docbook2x dpkg-dev dvipng equivs git git-all git-lfs gtk-doc-tools help2man i2c-tools icoutils kicad latexmk lcov libapache2-mod-php
libapache2-mod-wsgi-py3 libboost-all-dev libcgi-session-perl libcups2-dev libgdal-dev libgirepository1.0-dev libimage-exiftool-perl libjson-perl
libklibc-dev libltdl-dev libmagickcore-dev libmagickwand-dev libopenmpi-dev libparse-yapp-perl libperl-dev libva-dev libvips-dev libwww-perl lintian
linux-perf mariadb-client mariadb-server memcached mime-support moreutils nginx-extras ocrmypdf octave parallel php php-gearman php-imagick
php-mailparse php-redis php8.2 postgresql postgresql-15 postgresql-client postgresql-client-15 postgresql-contrib qtbase5-dev qtdeclarative5-dev quilt
r-base-dev rpm slapd squid stow stunnel4 tcl-dev texi2html texinfo texlive texlive-fonts-recommended texlive-full texlive-latex-base
texlive-latex-extra texlive-latex-recommended texlive-plain-generic texlive-xetex tk-dev xmlto; pkg-config gtk-doc-tools libatspi2.0-dev
libavahi-client-dev libavahi-glib-dev libcairo2-dev libdbus-1-dev libfontconfig-dev libfontconfig1-dev libgd-dev libgdk-pixbuf2.0-dev
libgirepository1.0-dev libglib2.0-dev libgss3 libgstreamer-plugins-base1.0-dev libgstreamer1.0-dev libgtk-3-dev libgts-dev libharfbuzz-dev
libid3tag0-dev libinput-dev libmagickcore-dev libmagickwand-dev libnetfilter-queue-dev libnghttp2-dev libopencv-dev libpango1.0-dev libpcap-dev
libpulse-dev librsvg2-dev libsdl1.2-dev libsecret-1-dev libspeechd-dev portaudio19-dev python3-pkgconfig r-base-dev tk-dev; poppler-data dvipng
ghostscript gimp ocrmypdf openbox texlive-full; psmisc composer gconf2 libapache2-mod-php mariadb-server php php-bcmath php-cgi php-cli php-curl
php-db php-fpm php-gd php-gearman php-imagick php-intl php-ldap php-mail php-mail-mime php-mailparse php-mbstring php-mysql php-pgsql php-redis
php-soap php-sqlite3 php-xml php-zip php8.2 php8.2-cli php8.2-fpm slapd; python3 apache2-dev asciidoc awscli byobu bzr cdbs certbot cifs-utils
clang-format clang-tools cppcheck criu cython3 devscripts dh-python docker-compose fail2ban firewalld fish gconf2 gdal-bin gtk-doc-tools hollywood
httpie ibus inkscape kicad libapache2-mod-wsgi-py3 libapr1-dev libatspi2.0-dev libavahi-glib-dev libboost-all-dev libcairo2-dev libgdk-pixbuf2.0-dev
libgirepository1.0-dev libglib2.0-dev libgstreamer-plugins-base1.0-dev libgstreamer1.0-dev libgtk-3-dev libgts-dev libharfbuzz-dev libinput-dev
libmagickcore-dev libmagickwand-dev libpango1.0-dev libpulse-dev libreoffice librsvg2-dev libsdl1.2-dev libsecret-1-dev libspeechd-dev libvips-dev
libvips-tools libvulkan-dev linux-perf lldb llvm-dev mercurial meson nfs-common npm ntpdate ocrmypdf offlineimap openbox pipx python-is-python3
python3-certbot-nginx python3-cffi python3-cryptography python3-dbus python3-dev python3-distutils python3-full python3-gmpy2 python3-inflection
python3-jinja2 python3-lxml python3-mako python3-numpy python3-opencv python3-pandas python3-pip python3-pkg-resources python3-pkgconfig python3-png
python3-protobuf python3-psycopg2 python3-pwntools python3-pyaudio python3-pycryptodome python3-pyqt5 python3-pyroute2 python3-requests
python3-rosinstall python3-scipy python3-setuptools python3-tk python3-vcstools python3-venv python3-virtualenv python3-wheel python3-yaml
python3.11-venv qtbase5-dev qtdeclarative5-dev rabbitmq-server rt-tests s3cmd samba scons software-properties-common supervisor systemtap-sdt-dev
texlive-full texlive-latex-extra texlive-xetex ufw unoconv virt-manager virtinst virtualenv xfsprogs yamllint yubikey-manager; python3-dev
libboost-all-dev python3-scipy; python3-distutils docker-compose httpie libatspi2.0-dev libavahi-glib-dev libboost-all-dev libcairo2-dev
libgdk-pixbuf2.0-dev libgirepository1.0-dev libglib2.0-dev libgstreamer-plugins-base1.0-dev libgstreamer1.0-dev libgtk-3-dev libgts-dev
libharfbuzz-dev libinput-dev libmagickcore-dev libmagickwand-dev libpango1.0-dev libpulse-dev librsvg2-dev libsdl1.2-dev libsecret-1-dev
libspeechd-dev libvips-dev meson pipx python3-dev python3-full python3-pip python3-pwntools python3-scipy python3-setuptools python3-venv
python3-wheel python3.11-venv; unzip lintian littler luarocks r-base r-base-dev r-cran-rodbc r-recommended; zip littler luarocks r-base r-base-dev
r-cran-rodbc r-recommended; wget debootstrap luarocks; xauth r-base-dev; xz-utils alien apache2-dev autopoint build-essential debhelper devscripts
dh-autoreconf dpkg-dev equivs libcups2-dev libgirepository1.0-dev lintian parallel r-base-dev sysstat tcl-dev tk-dev; bzip2 alien apache2-dev
build-essential debhelper devscripts dpkg-dev equivs libcups2-dev libgirepository1.0-dev lintian quilt r-base-dev tcl-dev tk-dev; libc6-dbg valgrind;
libprotobuf-dev libprotoc-dev; ssl-cert dovecot-imapd postfix postgresql postgresql-15 postgresql-contrib`

// aptPlain are packages that bring nothing that matters.
const aptPlain = `
abook acl adduser alsa-utils antiword apache2-utils apparmor apt-file apt-transport-https apt-utils apulse at attr autogen automake autopoint bash
bash-completion bat bc bind9 bind9-dnsutils binutils binutils-aarch64-linux-gnu binutils-arm-linux-gnueabihf binutils-dev binutils-i686-linux-gnu
binutils-mips64-linux-gnuabi64 binutils-mips64el-linux-gnuabi64 binutils-mipsel-linux-gnu binutils-powerpc64le-linux-gnu binutils-riscv64-linux-gnu
binutils-s390x-linux-gnu binutils-x86-64-linux-gnu bison bridge-utils bsdmainutils btop bzip2 ca-certificates ca-certificates-java cabextract catdoc
ccache check chrpath clickhouse-client clisp console-setup console-setup-linux coreutils cowsay cpio cpp cron dbus dbus-user-session debianutils
default-libmysqlclient-dev default-mysql-client desktop-file-utils device-tree-compiler dialog diffstat dmidecode dnsutils docbook-xml dos2unix
dosfstools dovecot-imapd doxygen dpkg dumb-init e2fsprogs ed elfutils ethtool exiv2 expect fakeroot fd-find figlet file findutils flac fontconfig
fonts-dejavu fonts-dejavu-core fonts-freefont-ttf fonts-ipafont fonts-khmeros fonts-liberation fonts-noto-cjk fonts-noto-color-emoji fonts-roboto
fonts-symbola fonts-thai-tlwg fonts-wine fonts-wqy-zenhei freetds-bin freetds-common freetds-dev fswatch fuse fuse-overlayfs fuse3 g++
g++-aarch64-linux-gnu g++-arm-linux-gnueabi g++-i686-linux-gnu g++-mingw-w64-i686-posix g++-mingw-w64-x86-64-posix g++-mips-linux-gnu
g++-mips64-linux-gnuabi64 g++-mips64el-linux-gnuabi64 g++-mipsel-linux-gnu g++-multilib g++-powerpc-linux-gnu g++-powerpc64-linux-gnu
g++-powerpc64le-linux-gnu g++-riscv64-linux-gnu gawk gcc-multilib gdisk gengetopt genisoimage gettext-base gfortran gfortran-aarch64-linux-gnu
gfortran-arm-linux-gnueabi gfortran-i686-linux-gnu gfortran-mingw-w64-i686-posix gfortran-mingw-w64-x86-64-posix gfortran-mips-linux-gnu
gfortran-mips64-linux-gnuabi64 gfortran-mips64el-linux-gnuabi64 gfortran-mipsel-linux-gnu gfortran-powerpc-linux-gnu gfortran-powerpc64-linux-gnu
gfortran-powerpc64le-linux-gnu gfortran-riscv64-linux-gnu gh ghc gifsicle gnupg gnupg2 gnutls-bin gosu gperf gss-ntlmssp gtk2-engines-pixbuf gzip
haproxy help2man hicolor-icon-theme htop hunspell hunspell-en-us i2c-tools icoutils inetutils-ping inotify-tools iperf iperf3 iproute2 iputils-ping
iputils-tracepath jpegoptim jq kbd kmod lame ldap-utils less lib32stdc++6 lib32z1 libacl1-dev libaio-dev libaio1 libapparmor-dev libapr1 libargon2-dev
libasound2 libasound2-dev libatk1.0-0 libatlas-base-dev libatomic-ops-dev libatomic1 libattr1-dev libaudit-dev libavcodec-dev libavformat-dev
libavutil-dev libbabeltrace-ctf-dev libblas-dev libblkid-dev libblosc-dev libbluetooth-dev libboost-context-dev libboost-coroutine-dev libboost-dev
libboost-filesystem-dev libboost-program-options-dev libboost-regex-dev libboost-system-dev libbrlapi-dev libbrlapi0.8 libbrotli-dev libbsd-dev
libbsd0 libbz2-1.0 libbz2-dev libc++-dev libc++1 libc++abi-dev libc++abi1 libc6 libc6-dev libc6-dev-arm64-cross libc6-dev-armel-cross
libc6-dev-armhf-cross libc6-dev-i386-cross libc6-dev-mips-cross libc6-dev-mips64-cross libc6-dev-mips64el-cross libc6-dev-mipsel-cross
libc6-dev-powerpc-cross libc6-dev-ppc64-cross libc6-dev-ppc64el-cross libc6-dev-riscv64-cross libcairo2 libcap-dev libcap2 libcap2-bin libclang1
libdb-dev libdrm-dev libdrm2 libdw-dev libedit-dev libedit2 libegl1 libegl1-mesa libelf-dev libev-dev libevdev-dev libevdev2 libevent-dev libexif-dev
libexpat1 libexpat1-dev libfaketime libfdt1 libffi-dev libffi8 libfontconfig-dev libfontconfig1 libfontconfig1-dev libfreetype-dev libfreetype6
libfreetype6-dev libfuse-dev libfuse2 libfuse3-dev libgbm-dev libgbm1 libgcc-s1 libgcrypt20-dev libgd-dev libgdbm-dev libgdiplus libgdk-pixbuf-2.0-0
libgdk-pixbuf2.0-0 libgearman-dev libgeos-dev libgif-dev libgit2-dev libgl1 libgl1-mesa-dev libgl1-mesa-dri libgl1-mesa-glx libglib2.0-0
libglu1-mesa-dev libgmp-dev libgnutls28-dev libgomp1 libgpg-error-dev libgpgme-dev libgsl-dev libgss3 libgssapi-krb5-2 libgstreamer1.0-0
libhiredis-dev libiberty-dev libicu-dev libicu72 libid3tag0-dev libidn2-dev libinput10 libjansson-dev libjemalloc-dev libjemalloc2 libjpeg-dev
libjpeg62-turbo libjpeg62-turbo-dev libjpeg8-dev libjson-c-dev libjson-c5 libjson-perl libklibc-dev libkrb5-dev liblapack-dev liblcms2-dev libldap-dev
libldap2-dev libleveldb-dev liblmdb-dev liblttng-ust1 libluajit-5.1-dev liblz4-dev liblzma-dev liblzo2-dev libmad0-dev libmagic-dev libmagic1
libmariadb-dev libmariadb3 libmaxminddb-dev libmcrypt-dev libmemcached-dev libmicrohttpd-dev libmnl-dev libmpc-dev libmpc3 libmpfr-dev
libmysqlclient-dev libncurses-dev libncurses5 libncurses5-dev libncursesw5 libncursesw5-dev libnet1 libnetfilter-queue-dev libnftables-dev
libnghttp2-dev libnginx-mod-http-lua libnl-3-200 libnl-3-dev libnotify-bin libnotify4 libnspr4 libnspr4-dev libnss-wrapper libnss3 libnss3-dev
libnuma-dev libnuma1 libomp-dev libonig-dev libopenblas-dev libopenblas0 libopenjp2-7-dev libossp-uuid-dev libpam-systemd libpam0g libpam0g-dev
libpango-1.0-0 libpangocairo-1.0-0 libpangoft2-1.0-0 libparse-yapp-perl libpci-dev libpci3 libpcre2-dev libpcre3 libpcre3-dev libperl-dev
libpixman-1-0 libpng-dev libpng16-16 libpopt-dev libportaudio2 libpq-dev libpq5 libprotobuf-c-dev libprotobuf-c1 libprotobuf-dev libprotoc-dev
libpython3-dev libqpdf-dev libqt5core5a librabbitmq-dev librdkafka-dev librdkafka1 libreadline-dev libreadline8 librecode0 librocksdb-dev librsvg2-bin
libsasl2-dev libsasl2-modules libsctp-dev libseccomp-dev libselinux1-dev libslang2-dev libsm-dev libsm6 libsnappy-dev libsndfile1 libsodium-dev
libsodium23 libspeechd2 libsqlite3-0 libsqlite3-dev libssh-dev libssh2-1-dev libssl-dev libssl3 libstdc++-arm-none-eabi-newlib libstdc++6
libswscale-dev libsybdb5 libsystemd-dev libtasn1-bin libtelnet-dev libtidy-dev libtiff-dev libtinfo6 libtinyxml-dev libturbojpeg0-dev libudev-dev
libudev1 libunwind-dev libunwind8 libusb-1.0-0 libusb-1.0-0-dev libuuid1 libuv1 libuv1-dev libv4l-0 libva-dev libvncserver-dev libvorbis-dev
libvpx-dev libvulkan1 libwayland-egl1 libwayland-egl1-mesa libwebp-dev libwebp7 libwebsockets-dev libwww-perl libx11-6 libx11-dev libx11-xcb-dev
libx11-xcb1 libxau6 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-shape0 libxcb-shm0 libxcb-xfixes0 libxcb-xtest0 libxcb1 libxcb1-dev
libxcomposite1 libxcursor-dev libxcursor1 libxdamage1 libxdmcp6 libxext-dev libxext6 libxfixes3 libxi-dev libxi6 libxinerama-dev libxinerama1
libxkbcommon-dev libxkbcommon0 libxkbfile1 libxml2 libxml2-dev libxml2-utils libxmlsec1 libxmlsec1-dev libxpm-dev libxpm4 libxrandr-dev libxrandr2
libxrender-dev libxrender1 libxshmfence-dev libxshmfence1 libxslt-dev libxslt1-dev libxslt1.1 libxss-dev libxss1 libxt-dev libxt6 libxtst-dev libxtst6
libxxf86vm-dev libyajl-dev libyajl2 libyaml-0-2 libyaml-dev libyubikey0 libz-dev libz-mingw-w64-dev libz3-dev libzip-dev libzip4 libzmq5
libzookeeper-mt-dev libzstd-dev linux-libc-dev lld llvm-runtime locales locales-all locate logrotate lsb-base lsb-release lshw lsof ltrace lua-cjson
lua-iconv lua5.3 lua5.4 luajit lynx lz4 lzip lzma lzma-dev lzop m4 mailutils make man-db mariadb-client mcpp media-types memcached mesa-common-dev
mesa-utils mlocate moreutils mosquitto mpc mtools mtr-tiny multitail mupdf-tools musl mysql-client nano nano-tiny nasm ncdu ncmpc ncurses-bin
net-tools netbase netcat netcat-openbsd netcat-traditional nftables nginx nginx-extras nginx-full nginx-light ninja-build nlohmann-json3-dev numactl
ocl-icd-libopencl1 odbc-postgresql odbcinst offlineimap opencl-headers openresolv openssl optipng p7zip p7zip-full pandoc parted patch patchelf
pciutils pcscd perl perl-base php-bcmath php-cgi php-cli php-db php-gd php-intl php-ldap php-mail-mime php-mbstring php-mysql php-pgsql php-soap
php-sqlite3 php-xml php-zip php8.2-cli pigz pkg-config pkgconf pngquant portaudio19-dev postgresql postgresql-15 postgresql-client
postgresql-client-15 postgresql-contrib psmisc pv pwgen python3-full python3-requests python3-venv python3.11-venv qemu-user-static qpdf qt5-qmake
rclone rdesktop re2c readline-common redis redis-server redis-tools reprepro ripgrep rsync rsyslog sassc screen sed shared-mime-info shellcheck
silversearcher-ag socat sox sq sqlite3 squashfs-tools squashfs-tools-ng ssl-cert ssmtp stow strace stress stress-ng subversion sudo swig sysbench
sysstat tar tcl telnet texi2html texinfo thin-provisioning-tools time tini tk tmux tofrodos traceroute transmission-common tree tzdata ucf udev uidmap
unixodbc unixodbc-dev unrar-free unzip usbutils util-linux uuid uuid-dev uuid-runtime varnish vim-doc vlan wait-for-it wdiff webp whois x11-utils
xauth xcompmgr xdotool xfonts-100dpi xfonts-75dpi xfonts-base xfonts-scalable xml-core xmlstarlet xorriso xsltproc xtail xutils-dev xxd xz-utils yasm
yubikey-personalization zlib1g zlib1g-dev zsh zstd`
