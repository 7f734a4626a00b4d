package io.github.derta.model;

import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/** Whether operations record what gradients need: a setting of the thread in PyTorch. */
final class GradientMode {

  private GradientMode() {}

  static <T> T recording(boolean record, Supplier<T> work) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(record);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }
}
