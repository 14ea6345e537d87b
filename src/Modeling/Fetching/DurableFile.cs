using System.Runtime.InteropServices;
using System.Text;

namespace GpuStack.Modeling.Fetching;

/// <summary>Files that are there whole or not at all, also after the machine lost its power.</summary>
internal static class DurableFile
{
    /// <summary>Writes a small file under a passing name, and gives it its own.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string passing = path + ".new";
        using (var file = new FileStream(passing, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        Rename(passing, path);
    }

    /// <summary>Gives a file that is on disk its final name.</summary>
    public static void Rename(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        SyncFolder(Path.GetDirectoryName(to)!);
    }

    /// <summary>
    /// Brings a folder's names to disk. Some network file systems refuse it, and have done it already: what cannot be synced is left.
    /// </summary>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // The runtime opens no folders.
        int descriptor = Native.Open(Encoding.UTF8.GetBytes(folder + '\0'), Native.ReadOnly | Native.CloseOnExec);
        if (descriptor >= 0)
        {
            _ = Native.Sync(descriptor);
            _ = Native.Close(descriptor);
        }
    }

    private static class Native
    {
        public const int ReadOnly = 0;

        /// <summary>The same number on x64 and arm64.</summary>
        public const int CloseOnExec = 0x80000;

        [DllImport("libc", EntryPoint = "open")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Open(byte[] path, int flags);

        [DllImport("libc", EntryPoint = "fsync")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Sync(int descriptor);

        [DllImport("libc", EntryPoint = "close")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Close(int descriptor);
    }
}
