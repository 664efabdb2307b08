# What podman knows of a container and an image. $1: podman   $2: the container   $3: the image
said version "$1" version --format '{{.Version}}'
said container "$1" container inspect "$2"
if [ "$3" ]; then said image "$1" image inspect "$3"; fi
