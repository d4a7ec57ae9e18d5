import COpenBLAS

/// The one entry to BLAS: single-threaded products, called from threads of ours.
///
/// OpenBLAS's own threads would leave all work between the products on one core, and their bits depend on how many
/// there are. Whoever wants more threads cuts the rows into tiles (`Workers.run(tilesOf:)`).
public enum MatrixProduct {
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// The kernels that OpenBLAS chose for this processor ("Haswell", "SkylakeX", ...), or that the environment variable
    /// OPENBLAS_CORETYPE demands. Bits differ from one to the other.
    public static var kernels: String { String(cString: openblas_get_corename()) }

    /// Version and build options of OpenBLAS ("OpenBLAS 0.3.21 DYNAMIC_ARCH ..."), and the kernels it runs.
    public static var library: String {
        String(cString: openblas_get_config()).split(separator: " ").joined(separator: " ") + ", kernels " + kernels
    }

    /// Which factor of a product is used transposed.
    public enum Side: Sendable { case neither, left, right }

    /// `result = factor * op(a) * op(b) + keep * result`, where `op` transposes the one of the named side.
    ///
    /// With `keep` 0 the old contents of `result` are not read. Shapes: op(a) [m, k], op(b) [k, n], result [m, n].
    public static func multiply(
        _ a: Matrix, _ b: Matrix, transposing side: Side = .neither, factor: Float = 1, keep: Float = 0,
        into result: Matrix
    ) {
        let (transposeA, transposeB) = (side == .left, side == .right)
        let m = transposeA ? a.columns : a.rows
        let k = transposeA ? a.rows : a.columns
        precondition(m == result.rows && (transposeB ? b.rows : b.columns) == result.columns)
        precondition(k == (transposeB ? b.columns : b.rows), "inner dimensions differ")
        guard m > 0, result.columns > 0 else { return }
        _ = singleThreaded
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasint(m), blasint(result.columns), blasint(k), factor, a.base, blasint(a.stride), b.base,
            blasint(b.stride), keep, result.base, blasint(result.stride))
    }
}
