#!/usr/bin/env bash
# Installs the distribution packages needed to build, test and run. Debian 12 and 13, Ubuntu; as
# root or with sudo. Returns quickly if nothing is missing. With --tests also the validators of
# DICOM objects (dciodvfy and DCMTK's commands), a browser for the review page (Chromium, its driver
# and Selenium) and what --plots installs: matplotlib and SciPy, for plot_agreement.py.
set -euo pipefail

die() {
  echo "install_dependencies.sh: $*" >&2
  exit 1
}

packages=(
  build-essential g++ cmake ninja-build ccache pkg-config
  libtorch-dev libopenblas0-openmp
  libopencv-dev libpng-dev libtiff-dev libdeflate-dev
  libdcmtk-dev libgdcm-dev
  libcli11-dev nlohmann-json3-dev catch2
  libssl-dev libzip-dev libboost-dev
)

case ${1:-} in
  "") ;;
  --plots) packages+=(python3-matplotlib python3-scipy) ;;
  --tests)
    packages+=(dicom3tools dcmtk python3-matplotlib python3-scipy)
    packages+=(chromium chromium-driver python3-selenium)
    ;;
  *) die "expected --tests, --plots or nothing, got $1" ;;
esac

command -v dpkg-query >/dev/null || die "expected Debian or Ubuntu (dpkg), found neither"

# Installed packages are detected without network access or root.
missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [[ $status == "install ok installed" ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "install_dependencies.sh: all packages are installed"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || die "expected to be root or to have sudo; missing: ${missing[*]}"
  as_root=(sudo)
fi

apt() {
  # Another installation may be in progress; apt waits for its lock.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
}

echo "install_dependencies.sh: installing ${missing[*]}"
apt update -q || die "apt-get update failed"
apt install -q -y --no-install-recommends "${missing[@]}" || die "apt-get install failed"
