namespace GpuStack.Benchmarks.Clusters;

/// <summary>Where the repository is: the programs that are measured are those that were built in it.</summary>
internal static class RepositoryFolder
{
    /// <exception cref="IOException">The program was taken out of its repository.</exception>
    public static string Root { get; } = Find();

    /// <summary>The operator, built with the configuration that this program was built with.</summary>
    /// <exception cref="IOException">It is not built.</exception>
    public static string OperatorProgram
    {
        get
        {
            string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            string program = Path.Combine(Root, "src", "Operator", "bin", configuration, "net10.0", "gpustack-operator.dll");
            return File.Exists(program) ? program : throw new IOException($"There is no {program}; build src/Operator with -c {configuration}.");
        }
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GpuStack.Operator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new IOException($"No folder above {AppContext.BaseDirectory} holds GpuStack.Operator.sln; run the benchmark where it was built.");
    }
}
