echo pong
