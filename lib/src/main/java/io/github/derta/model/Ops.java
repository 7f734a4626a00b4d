package io.github.derta.model;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtModel;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Operations written as TorchScript, such as those of {@code ops.py}: one native call each, where
 * NDArray operations would be many.
 *
 * <p>TorchScript is loaded from an archive of text; Java writes it in memory around the source.
 */
public final class Ops implements AutoCloseable {

  /** Pickle, protocol 2: an object of class {@code __torch__.Ops} without attributes. */
  private static final String EMPTY_MODULE = "\u0080\u0002c__torch__\nOps\n)\u0081}b.";

  private static final String EMPTY_TUPLE = "\u0080\u0002).";

  // The block dies with its model, so both are held.
  private final Model model;
  private final PtSymbolBlock block;
  private final NDManager markers;

  Ops(Device device) {
    this(device, Ops.class, "ops.py");
  }

  /**
   * Compiles a resource.
   *
   * @param device where its tensors will be
   * @param place the class beside which the resource lies
   * @param name its name: a class {@code Ops} in the syntax of TorchScript archives
   */
  public Ops(Device device, Class<?> place, String name) {
    model = Model.newInstance("ops", device, "PyTorch");
    try (InputStream source = place.getResourceAsStream(name)) {
      ((PtModel) model).load(new ByteArrayInputStream(archive(source.readAllBytes())), false);
    } catch (IOException | MalformedModelException e) {
      throw new IllegalStateException(name + " does not load: " + e.getMessage(), e);
    }
    block = (PtSymbolBlock) model.getBlock();
    markers = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  /**
   * Runs a method whose arguments are tensors, or weights by name; gradients flow if they are on.
   *
   * @param method a method of the source
   * @param arguments arrays whose name is null, {@code argument.key}, which makes a dictionary, or
   *     {@code argument[]}, which makes a list; the first one's manager owns the result
   * @return its result
   */
  public NDArray call(String method, NDList arguments) {
    JniUtils.setGraphExecutorOptimize(false); // a setting of the thread
    try (NDArray marker = markers.create(new Shape(1))) {
      marker.setName("module_method:" + method);
      NDList all = new NDList(arguments);
      all.add(marker);
      return IValueUtils.forward(block, all, true).singletonOrThrow();
    }
  }

  /**
   * Runs a method in inference mode: no gradients, any kind of argument.
   *
   * @param method a method of the source
   * @param arguments its arguments
   * @return its result, to be closed
   */
  public IValue run(String method, IValue... arguments) {
    JniUtils.setGraphExecutorOptimize(false);
    return IValueUtils.runMethod(block, method, arguments);
  }

  /** Whether no value of a tensor is NaN or infinite. */
  boolean finite(NDArray x) {
    try (IValue value = IValue.from((PtNDArray) x);
        IValue finite = run("finite", value)) {
      return finite.toBoolean();
    }
  }

  /** Does something with or without what gradients need: a setting of the thread in PyTorch. */
  static <T> T recording(boolean gradients, Supplier<T> work) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(gradients);
    try {
      return work.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  private static byte[] archive(byte[] source) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      store(zip, "ops/data.pkl", EMPTY_MODULE.getBytes(StandardCharsets.ISO_8859_1));
      store(zip, "ops/constants.pkl", EMPTY_TUPLE.getBytes(StandardCharsets.ISO_8859_1));
      store(zip, "ops/version", "10\n".getBytes(StandardCharsets.ISO_8859_1));
      store(zip, "ops/code/__torch__.py", source);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  @Override
  public void close() {
    markers.close();
    model.close();
  }
}
