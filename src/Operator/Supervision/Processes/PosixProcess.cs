using System.Runtime.InteropServices;

namespace GpuStack.Operator.Supervision.Processes;

/// <summary>The system calls that .NET has no name for. Linux.</summary>
internal static partial class PosixProcess
{
    public const int SigHup = 1;
    public const int SigInt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigUsr1 = 10;
    public const int SigUsr2 = 12;
    public const int SigTerm = 15;

    private const int SetChildSubreaper = 36;
    private const int NoHang = 1;

    /// <summary>False when there is no such process, or it may not be signalled.</summary>
    public static bool Signal(int pid, int signal) => pid > 0 && Kill(pid, signal) == 0;

    /// <summary>Processes whose parent ends become children of this one, as PID 1's do.</summary>
    public static bool AdoptOrphans() => Prctl(SetChildSubreaper, 1, 0, 0, 0) == 0;

    /// <summary>Takes the zombie off the table; false when it is no child of ours or still runs.</summary>
    public static bool Reap(int pid) => WaitPid(pid, IntPtr.Zero, NoHang) == pid;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int pid, IntPtr status, int options);
}
