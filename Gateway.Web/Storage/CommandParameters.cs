using System.Data.Common;

namespace Gateway.Web.Storage;

/// <summary>Parameters named <c>@p0</c>, <c>@p1</c> and so on.</summary>
internal static class CommandParameters
{
    public static void AddParameters(this DbCommand command, ReadOnlySpan<object> values)
    {
        foreach (object value in values)
        {
            DbParameter parameter = command.CreateParameter();
            parameter.ParameterName = "@p" + command.Parameters.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }
    }

    /// <summary>Sets the values of parameters that are there, or adds them the first time: the command can be run again and again.</summary>
    public static void SetParameters(this DbCommand command, ReadOnlySpan<object> values)
    {
        if (command.Parameters.Count == 0)
        {
            command.AddParameters(values);
            return;
        }
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }
    }
}
