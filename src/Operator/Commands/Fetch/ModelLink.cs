using System.Runtime.InteropServices;
using GpuStack.Modeling.Fetching;
using GpuStack.Modeling.Hubs;

namespace GpuStack.Operator.Commands.Fetch;

/// <summary>
/// A symbolic link to the folder that holds a fetched model. The folder's own path has the commit in it, which whoever writes the engine's
/// command line cannot always know; files keep their names, which the parts of a split GGUF model must.
/// </summary>
internal static partial class ModelLink
{
    /// <summary>Makes the link, or leads it elsewhere: it is there or was there at every moment.</summary>
    /// <exception cref="WorkFailedException">Something else has the name, or the folder cannot be written to.</exception>
    public static void Create(string path, FetchedModel model)
    {
        var target = Path.GetFullPath(model.Format == ModelFormat.Gguf ? Path.GetDirectoryName(model.Path)! : model.Path);
        var link = Path.GetFullPath(path);
        try
        {
            if (new DirectoryInfo(link) is { Exists: true, LinkTarget: null } || File.Exists(link))
                throw new WorkFailedException($"--link: '{path}' is there and is no link; remove it, or name another path.");
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            var fresh = $"{link}.{Guid.NewGuid():N}";
            Directory.CreateSymbolicLink(fresh, target);
            Rename(fresh, link);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WorkFailedException($"--link: '{path}' cannot be made: {exception.Message}", exception);
        }
    }

    /// <summary>In one step, whatever has the new name. File.Move takes a link to a folder for the folder.</summary>
    private static void Rename(string from, string to)
    {
        if (RenameFile(from, to) == 0)
            return;
        var error = Marshal.GetLastPInvokeErrorMessage();
        File.Delete(from);
        throw new IOException(error);
    }

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameFile(string from, string to);
}
