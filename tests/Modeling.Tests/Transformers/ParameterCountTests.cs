using System.Globalization;
using GpuStack.Modeling.Transformers;

namespace GpuStack.Modeling.Tests.Transformers;

/// <summary>Weights computed from a configuration, against the numbers of parameters that models' pages state.</summary>
public class ParameterCountTests
{
    public static TheoryData<string, long> Published()
    {
        var rows = new TheoryData<string, long>();
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "cases", "model-parameters.csv")).Skip(1))
        {
            string[] fields = line.Split(',');
            rows.Add(fields[0], long.Parse(fields[1], CultureInfo.InvariantCulture));
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Published))]
    public void A_configuration_gives_the_published_number_of_parameters(string repository, long parameters)
    {
        TransformerModel model = ModelConfigs.Read(repository);

        Assert.Equal(parameters, model.ParameterCount);
        Assert.False(model.UpperBound);
    }
}
