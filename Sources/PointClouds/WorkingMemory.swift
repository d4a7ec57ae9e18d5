internal import CKernels

/// The arrays of a part are of a megabyte or more each, and those of the next part are as large.
public enum WorkingMemory {
    /// Lets memory that one part gave back serve the next: to be called once, before anything is computed.
    ///
    /// Without it glibc maps every large array anew and the kernel clears each of its pages when it is first touched:
    /// 0.9 of 2.3 ms for the index of 100,000 points. The process then holds up to 256 MB that it does not use.
    public static func keepForReuse() { working_memory_keep(1 << 28) }
}
