package io.github.derta.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** While it is open, a process that is asked to end (Ctrl-C) interrupts this thread and waits. */
final class OnExit implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 120;

  private final Thread worker = Thread.currentThread();
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook = new Thread(this::interruptAndWait);

  OnExit() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  private void interruptAndWait() {
    worker.interrupt();
    try {
      done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // the process is ending, and the hook with it
    }
  }
}
